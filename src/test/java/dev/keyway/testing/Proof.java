package dev.keyway.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A proof that has a short form for every build and a long one, run by its name with {@code etc/prove.sh}. */
public final class Proof {
    private final String name;

    private Proof(String name) {
        this.name = name;
    }

    public static Proof named(String name) {
        return new Proof(name);
    }

    /** Whether the long form was asked for. */
    public boolean isLong() {
        return name.equals(System.getProperty("keyway.proof"));
    }

    public int size(int inShort, int inLong) {
        return isLong() ? inLong : inShort;
    }

    /** Prints the figures, and keeps those of a long form where {@code etc/prove.sh} looks for them. */
    public void report(String format, Object... values) throws IOException {
        String figures = String.format(Locale.ROOT, format, values);
        System.out.println("[proof] " + name + (isLong() ? " (long): " : " (short): ") + figures);
        if (isLong()) {
            Path file = Path.of("target", "proofs", name + ".txt");
            Files.createDirectories(file.getParent());
            Files.writeString(
                    file,
                    figures + "\n",
                    java.nio.file.StandardOpenOption.CREATE,
                    java.nio.file.StandardOpenOption.APPEND);
        }
    }
}
