package dev.keyway.launch;

import dev.keyway.wire.HeapExhaustion;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Ends the process when its heap is exhausted, as {@code -XX:+ExitOnOutOfMemoryError} does where it was not given: with
 * exit code {@value #EXIT_CODE}, one line, and nothing else, since whatever else would need memory. Everything else that
 * nobody caught is logged.
 */
public final class EndOnExhaustedHeap implements Thread.UncaughtExceptionHandler {
    /** Java's own for it. */
    static final int EXIT_CODE = 3;

    private static final Logger LOG = LogManager.getLogger(EndOnExhaustedHeap.class);

    /** Made before they are needed. */
    private final byte[] lastLine =
            "Keyway ends: the Java heap is exhausted; give it more (-Xmx) or look for what holds it\n"
                    .getBytes(StandardCharsets.UTF_8);

    private final FileOutputStream errors = new FileOutputStream(FileDescriptor.err);
    private final IntConsumer halt;

    EndOnExhaustedHeap(IntConsumer halt) {
        this.halt = halt;
    }

    /** Makes it the handler of this process, which must be Keyway's own. */
    public static void install() {
        EndOnExhaustedHeap handler =
                new EndOnExhaustedHeap(status -> Runtime.getRuntime().halt(status));
        handler.isTheEnd(new IllegalStateException(new OutOfMemoryError("Java heap space")));
        Thread.setDefaultUncaughtExceptionHandler(handler);
    }

    @Override
    public void uncaughtException(Thread thread, Throwable failure) {
        if (isTheEnd(failure) || !isLogged(thread, failure)) {
            end();
        }
    }

    /** To load its class takes memory, so it is asked once at the start. */
    private boolean isTheEnd(Throwable failure) {
        try {
            return HeapExhaustion.isIn(failure);
        } catch (OutOfMemoryError evenHere) {
            return true;
        }
    }

    private static boolean isLogged(Thread thread, Throwable failure) {
        try {
            LOG.error("thread failed: thread={}", thread.getName(), failure);
            return true;
        } catch (OutOfMemoryError evenHere) {
            return false;
        }
    }

    private void end() {
        try {
            errors.write(lastLine);
        } catch (IOException | Error unheard) {
            halt.accept(EXIT_CODE);
        }
        halt.accept(EXIT_CODE);
    }
}
