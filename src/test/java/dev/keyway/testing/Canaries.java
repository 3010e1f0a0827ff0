package dev.keyway.testing;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Secrets that were planted, and the search for them: every piece of 12 characters of each, as it is and in every
 * coding in which it could have been written.
 */
public final class Canaries {
    private static final int WINDOW = 12;
    /** Base64 of 12 bytes at any alignment, without the characters that depend on the neighbours. */
    private static final int BASE64_WINDOW = 14;

    /** Length of a piece, to the pieces of that length, to the name of the secret. */
    private final Map<Integer, Map<String, String>> pieces = new HashMap<>();

    /** Adds a secret, at least as long as one window. */
    public Canaries plant(String name, String secret) {
        if (secret.length() < WINDOW) {
            throw new IllegalArgumentException(name + " is too short to be searched for");
        }
        for (int i = 0; i + WINDOW <= secret.length(); i++) {
            String window = secret.substring(i, i + WINDOW);
            String hex = HexFormat.of().formatHex(window.getBytes(StandardCharsets.UTF_8));
            add(name, window);
            add(name, hex);
            add(name, hex.toUpperCase(Locale.ROOT));
            add(name, escaped(window, "%%%02X", false));
            add(name, escaped(window, "%%%02x", false));
            add(name, escaped(window, "%%%02X", true));
            add(name, escaped(window, "\\u%04x", false));
            add(name, escaped(window, "\\u%04X", false));
            add(name, escaped(window, "\\u%04x", true));
            add(name, window.replace("/", "\\/"));
        }
        for (int shift = 0; shift < 3; shift++) {
            byte[] shifted = (" ".repeat(shift) + secret).getBytes(StandardCharsets.UTF_8);
            base64(name, Base64.getEncoder().withoutPadding().encodeToString(shifted));
            base64(name, Base64.getUrlEncoder().withoutPadding().encodeToString(shifted));
        }
        return this;
    }

    private void base64(String name, String text) {
        // The first four characters hold the blanks in front, the last may hold what would have followed.
        for (int i = 4; i + BASE64_WINDOW < text.length(); i++) {
            add(name, text.substring(i, i + BASE64_WINDOW));
        }
    }

    private void add(String name, String piece) {
        pieces.computeIfAbsent(piece.length(), length -> new HashMap<>()).put(piece, name);
    }

    private static String escaped(String text, String format, boolean letters) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
            if (plain && !letters) {
                escaped.append(c);
            } else {
                escaped.append(String.format(Locale.ROOT, format, (int) c));
            }
        }
        return escaped.toString();
    }

    /** Which secrets the text holds a piece of, each with the text before and the piece; empty when it is clean. */
    public Map<String, String> foundIn(String text) {
        TreeMap<String, String> found = new TreeMap<>();
        pieces.forEach((length, of) -> {
            for (int i = 0; i + length <= text.length(); i++) {
                String name = of.get(text.substring(i, i + length));
                if (name != null) {
                    String place = text.substring(Math.max(0, i - 150), Math.min(text.length(), i + length));
                    found.putIfAbsent(name + " in part " + i / 500, place);
                }
            }
        });
        return found;
    }
}
