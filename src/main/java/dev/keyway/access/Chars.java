package dev.keyway.access;

/** Loops over the characters of a header, for what every request pays for: a stream costs more than the look itself. */
final class Chars {
    private Chars() {}

    /** Whether all are ASCII digits; also of an empty text. */
    static boolean areDigits(String text, int from) {
        return areAll(text, from, '0', '9');
    }

    /** Whether all are printable ASCII, blanks too; also of an empty text. */
    static boolean arePrintable(String text) {
        return areAll(text, 0, ' ', '~');
    }

    private static boolean areAll(String text, int from, char first, char last) {
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) < first || text.charAt(i) > last) {
                return false;
            }
        }
        return true;
    }
}
