package dev.keyway.testing;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Standard output and standard error of this process while it is open. */
public final class CapturedConsole implements AutoCloseable {
    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private CapturedConsole() {}

    /** Begins; only one may be open at a time. */
    public static CapturedConsole open() {
        CapturedConsole console = new CapturedConsole();
        PrintStream both = new PrintStream(console.written, true, StandardCharsets.UTF_8);
        System.setOut(both);
        System.setErr(both);
        return console;
    }

    /** What was written so far. */
    public String text() {
        return written.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        System.setOut(out);
        System.setErr(err);
    }
}
