package dev.keyway.sandbox;

import dev.keyway.wire.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * OpenRouter's response cache, asked for by {@code X-OpenRouter-Cache: true}: the same key, path and body within the time
 * to live (300 s, or 1 to 86,400 by {@code X-OpenRouter-Cache-TTL}) get the same answer again, for nothing. At most 1,000
 * answers are remembered.
 */
final class ResponseCache {
    private static final int MAX = 1000;
    private static final long DEFAULT_TTL = 300;
    private static final long MAX_TTL = 86_400;
    private static final String PREFIX = "X-OpenRouter-Cache";

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private record Entry(String id, Instant stored, long ttl) {}

    /**
     * What the cache says to one request.
     *
     * @param headers of the answer
     */
    record Look(String key, long ttl, boolean hit, List<String> headers) {}

    /** Looks a request up; null when it did not ask for the cache. */
    synchronized @Nullable Look look(Call call, Instant now) {
        if (!"true".equalsIgnoreCase(call.request().first(PREFIX))) {
            return null;
        }
        String key = key(call);
        if ("true".equalsIgnoreCase(call.request().first(PREFIX + "-Clear"))) {
            entries.remove(key);
        }
        Entry found = entries.get(key);
        if (found == null || !now.isBefore(found.stored().plusSeconds(found.ttl()))) {
            long ttl = ttl(call.request().first(PREFIX + "-TTL"));
            return new Look(key, ttl, false, List.of(PREFIX + "-Status: MISS", PREFIX + "-TTL: " + ttl));
        }
        long age = Duration.between(found.stored(), now).toSeconds();
        return new Look(
                key,
                found.ttl(),
                true,
                List.of(
                        PREFIX + "-Status: HIT",
                        PREFIX + "-TTL: " + found.ttl(),
                        PREFIX + "-Age: " + age,
                        PREFIX + "-Source-Id: " + found.id()));
    }

    /** An answer that was not whole is not remembered. */
    synchronized void forget(Look look) {
        entries.remove(look.key());
    }

    /** Remembers the answer of a miss. */
    synchronized void store(Look look, String id, Instant now) {
        if (entries.size() >= MAX) {
            entries.remove(entries.keySet().iterator().next());
        }
        entries.put(look.key(), new Entry(id, now, look.ttl()));
    }

    private static long ttl(@Nullable String wanted) {
        try {
            return wanted == null ? DEFAULT_TTL : Math.min(MAX_TTL, Math.max(1, Long.parseLong(wanted.strip())));
        } catch (NumberFormatException e) {
            return DEFAULT_TTL;
        }
    }

    /** The body counts byte for byte, so the order of its members does. */
    private static String key(Call call) {
        Secret key = call.received().key();
        String body = new String(call.received().body(), StandardCharsets.ISO_8859_1);
        return (key == null ? "" : HexFormat.of().formatHex(key.digest()))
                + call.received().target()
                + HexFormat.of().formatHex(Secret.sha256(body));
    }
}
