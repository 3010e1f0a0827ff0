package dev.keyway.access;

import dev.keyway.wire.Secret;
import org.jspecify.annotations.Nullable;

/** The credential a caller shows: {@code Authorization: Bearer}, else {@code x-api-key}. */
public sealed interface ShownCredential {
    /** Longer ones are no credential. */
    int MAX_LENGTH = 4096;

    /** Something that may be a key. */
    record Shown(Secret secret) implements ShownCredential {}

    /** Nothing usable; {@code problem} is what a caller is told who needs one. */
    record Absent(String problem) implements ShownCredential {}

    /**
     * Reads the two headers.
     *
     * @param authorization null when absent
     * @param apiKey the {@code x-api-key} header; null when absent
     */
    static ShownCredential of(@Nullable String authorization, @Nullable String apiKey) {
        String header = authorization == null ? "" : authorization.strip();
        int space = header.indexOf(' ');
        String scheme = space < 0 ? header : header.substring(0, space);
        boolean bearer = scheme.equalsIgnoreCase("Bearer");
        String token = bearer && space > 0 ? header.substring(space + 1).strip() : "";
        if (token.isEmpty() && apiKey != null) {
            token = apiKey.strip();
        }
        if (isToken(token)) {
            return new Shown(new Secret(token));
        }
        if (token.isEmpty() && header.isEmpty()) {
            return new Absent("Authorization header missing");
        }
        return new Absent(token.isEmpty() && !bearer ? "Invalid authentication scheme" : Access.INVALID_KEY);
    }

    private static boolean isToken(String text) {
        return !text.isEmpty() && text.length() <= MAX_LENGTH && Chars.arePrintable(text);
    }
}
