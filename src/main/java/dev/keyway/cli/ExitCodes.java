package dev.keyway.cli;

/** What the process ends with. */
public final class ExitCodes {
    /** Done. */
    public static final int DONE = 0;
    /** Refused, not found, or problems. */
    public static final int REFUSED = 1;
    /** Wrong command line. */
    public static final int USAGE = 2;

    private ExitCodes() {}
}
