package dev.keyway.app;

import java.io.IOException;
import java.nio.file.Path;

/** A home folder that another Keyway holds. */
public final class HomeInUseException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String holder;

    /** With the holder as {@code pid 123}, or empty when that is not known. */
    HomeInUseException(Path home, String holder) {
        super("home " + home + " is in use by another Keyway" + (holder.isEmpty() ? "" : " (" + holder + ")")
                + "; give this one a home of its own (--home, keyway.home, KEYWAY_HOME)");
        this.holder = holder;
    }

    /** {@code pid 123}, empty when that is not known. */
    public String holder() {
        return holder;
    }
}
