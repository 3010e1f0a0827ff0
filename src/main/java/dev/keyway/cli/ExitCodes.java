package dev.keyway.cli;

/** What the process ends with. */
public final class ExitCodes {
    /** Done. */
    public static final int DONE = 0;
    /** Refused to start, refused, not found, or problems found. */
    public static final int REFUSED = 1;
    /** Wrong command line. */
    public static final int USAGE = 2;

    private ExitCodes() {}
}
