package dev.keyway.cli;

/** What can be sent as a credential. */
final class HeaderText {
    private HeaderText() {}

    /** Whether it is printable ASCII without blanks, and there is something of it. */
    static boolean fits(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 127);
    }
}
