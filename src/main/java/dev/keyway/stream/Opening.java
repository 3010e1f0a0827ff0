package dev.keyway.stream;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds the first byte of an answer that counts, behind a byte order mark, white-space padding and SSE comments, and
 * tells by it what form the answer has, whatever its content type claims.
 */
final class Opening {
    private final String mediaType;
    private int bom;
    private boolean comment;

    /** What an answer's body is. */
    enum Form {
        EVENTS,
        JSON,
        /** HTML, such as a front server's error page. */
        PAGE,
        OTHER
    }

    /** @param contentType the header's value; null when it was not sent */
    Opening(@Nullable String contentType) {
        mediaType =
                contentType == null ? "" : contentType.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
    }

    /** The index of the first byte that counts, or {@code to}. */
    int skip(byte[] bytes, int from, int to) {
        if (isMedia()) {
            return from;
        }
        for (int at = from; at < to; at++) {
            byte b = bytes[at];
            if (comment) {
                comment = b != '\n' && b != '\r';
            } else if (b == ':') {
                comment = true;
            } else if (!isPadding(b)) {
                return at;
            }
        }
        return to;
    }

    private boolean isPadding(byte b) {
        if (bom < 3 && b == (byte) (bom == 0 ? 0xEF : bom == 1 ? 0xBB : 0xBF)) {
            bom++;
            return true;
        }
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    /** The form of an answer that begins with this byte. */
    Form form(byte first) {
        if (isMedia()) {
            return Form.OTHER;
        }
        if (first == '{') {
            return Form.JSON;
        }
        if (first == '<' || mediaType.equals("text/html")) {
            return Form.PAGE;
        }
        if (mediaType.equals("text/event-stream")) {
            return Form.EVENTS;
        }
        boolean mislabelled = mediaType.isEmpty() || mediaType.equals("application/json");
        // The first letters of data, event, id and retry; no JSON value that is an answer begins with one.
        boolean field = first == 'd' || first == 'e' || first == 'i' || first == 'r';
        return mislabelled && field ? Form.EVENTS : Form.OTHER;
    }

    private boolean isMedia() {
        return mediaType.startsWith("audio/")
                || mediaType.startsWith("image/")
                || mediaType.startsWith("video/")
                || mediaType.equals("application/octet-stream");
    }
}
