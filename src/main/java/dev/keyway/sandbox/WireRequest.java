package dev.keyway.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One request as it came: the request line's words, the header lines unchanged, the body's bytes. */
final class WireRequest {
    private final String method;
    private final String target;
    private final List<String> lines;
    private final boolean http10;
    private byte[] body = new byte[0];

    WireRequest(String method, String target, boolean http10, List<String> lines) {
        this.method = method;
        this.target = target;
        this.http10 = http10;
        this.lines = List.copyOf(lines);
    }

    String method() {
        return method;
    }

    String target() {
        return target;
    }

    String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    String query() {
        int query = target.indexOf('?');
        return query < 0 ? "" : target.substring(query + 1);
    }

    List<String> lines() {
        return lines;
    }

    byte[] body() {
        return body;
    }

    String bodyText() {
        return new String(body, StandardCharsets.UTF_8);
    }

    void body(byte[] bytes) {
        body = bytes;
    }

    /** Every value of a header, in the order of the wire. */
    List<String> all(String name) {
        List<String> values = new ArrayList<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).trim().equalsIgnoreCase(name)) {
                values.add(line.substring(colon + 1).trim());
            }
        }
        return values;
    }

    /** The first value of a header; null when there is none. */
    @Nullable
    String first(String name) {
        List<String> values = all(name);
        return values.isEmpty() ? null : values.get(0);
    }

    /** Whether a comma list header holds this word, in any case. */
    boolean lists(String name, String word) {
        return all(name).stream()
                .anyMatch(value -> value.toLowerCase(Locale.ROOT).contains(word.toLowerCase(Locale.ROOT)));
    }

    boolean keepAlive() {
        return http10 ? lists("Connection", "keep-alive") : !lists("Connection", "close");
    }
}
