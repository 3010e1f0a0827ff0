package dev.keyway.cli;

/** Text of others, fit for a terminal. */
final class Plain {
    private Plain() {}

    /** The text on one line: what could move a cursor or change a colour is a dot. */
    static String text(String foreign) {
        return foreign.replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029\\u0080-\\u009f]", "\u00b7");
    }
}
