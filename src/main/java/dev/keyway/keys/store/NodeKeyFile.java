package dev.keyway.keys.store;

import dev.keyway.keys.KeySource;
import dev.keyway.keys.KeyState;
import dev.keyway.keys.StoredKey;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The key file of the Node system that Keyway follows: {@code [{key, isActive, lastUsed, rateLimitResetAt, failureCount,
 * _id}]}, read with its bugs in mind.
 *
 * <p>That system took a reset stated in milliseconds for seconds, so that a key rested until about the year 58000: of a
 * moment over 32 days ahead the thousandth counts. It never reset its count of failures, so the count says how often a
 * key failed, not how often in a row. Of two entries with one key the one used last counts. Moments are milliseconds since
 * 1970 or ISO 8601; one that is neither is none.
 */
public final class NodeKeyFile {
    /** Why a key is out that the other system had put out. */
    static final String FAILURES = "failures";

    private static final String RATE_LIMITED = "rate_limited";
    private static final Duration FARTHEST = Duration.ofDays(32);
    private static final long SECONDS_FOR_MILLIS = 1000;
    private static final int LONGEST_KEY = 512;
    private static final int LONGEST_NUMBER = 20;
    private static final int ID_DIGITS_ON_A_CLASH = 12;

    private final StrictJson json;
    private final Instant now;
    private final Map<Secret, Entry> entries = new LinkedHashMap<>();
    private int skipped;

    /**
     * What such a file holds.
     *
     * @param skipped entries without a key that could be one
     */
    public record Content(List<StoredKey> keys, int skipped) {}

    private record Entry(
            Secret secret,
            boolean active,
            @Nullable Instant until,
            @Nullable Instant lastUsed,
            int failed) {
        boolean usedAfter(Entry other) {
            return lastUsed != null && (other.lastUsed == null || lastUsed.isAfter(other.lastUsed));
        }
    }

    private NodeKeyFile(StrictJson json, Instant now) {
        this.json = json;
        this.now = now;
    }

    /** Whether this text is of the Node system: an array rather than an object. */
    public static boolean isOne(byte[] text) {
        return StrictJson.isArray(text);
    }

    /**
     * Reads a file's text.
     *
     * @param file its name, for what is told of it
     * @throws IOException that says what is wrong and where, and repeats nothing of it
     */
    public static Content read(Path file, byte[] text, Instant now) throws IOException {
        try (StrictJson json = new StrictJson(file, text)) {
            NodeKeyFile reader = new NodeKeyFile(json, now);
            json.whole(all -> all.array(element -> reader.entry()));
            return new Content(reader.keys(), reader.skipped);
        }
    }

    private void entry() throws IOException {
        if (!json.isObject()) {
            throw json.problem("this is not a key of the Node system, an object with \"key\"");
        }
        Map<String, String> members = new HashMap<>();
        json.object(name -> {
            String value = json.scalar();
            if (value != null) {
                members.put(name, value.strip());
            }
        });
        String key = members.getOrDefault("key", "");
        if (!couldBeKey(key)) {
            skipped++;
            return;
        }
        Entry entry = new Entry(
                new Secret(key),
                !"false".equals(members.get("isActive")),
                reset(moment(members.get("rateLimitResetAt"))),
                moment(members.get("lastUsed")),
                count(members.get("failureCount")));
        entries.merge(entry.secret(), entry, (old, other) -> other.usedAfter(old) ? other : old);
    }

    private static boolean couldBeKey(String key) {
        return !key.isEmpty() && key.length() <= LONGEST_KEY && key.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    /** When a rest ends that lasts; null when there is none, or it is over. */
    private @Nullable Instant reset(@Nullable Instant stated) {
        if (stated == null) {
            return null;
        }
        Instant until = stated.isAfter(now.plus(FARTHEST))
                ? Instant.ofEpochSecond(stated.getEpochSecond() / SECONDS_FOR_MILLIS)
                : stated;
        return until.isAfter(now) && !until.isAfter(now.plus(FARTHEST)) ? until : null;
    }

    private static @Nullable Instant moment(@Nullable String text) {
        try {
            BigDecimal millis = number(text);
            if (millis != null) {
                return Instant.ofEpochMilli(millis.longValue());
            }
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static int count(@Nullable String text) {
        BigDecimal count = number(text);
        return count == null
                ? 0
                : count.max(BigDecimal.ZERO)
                        .min(BigDecimal.valueOf(Integer.MAX_VALUE))
                        .intValue();
    }

    private static @Nullable BigDecimal number(@Nullable String text) {
        if (text == null || text.isEmpty() || text.length() > LONGEST_NUMBER) {
            return null;
        }
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private List<StoredKey> keys() {
        Set<String> once = new HashSet<>();
        Set<String> clashing = new HashSet<>();
        for (Secret secret : entries.keySet()) {
            if (!once.add(secret.id())) {
                clashing.add(secret.id());
            }
        }
        return entries.values().stream()
                .map(entry -> stored(entry, clashing.contains(entry.secret().id())))
                .toList();
    }

    private static StoredKey stored(Entry entry, boolean clashing) {
        Instant until = entry.active() ? entry.until() : null;
        KeyState state = !entry.active() ? KeyState.DEACTIVATED : until == null ? KeyState.ACTIVE : KeyState.COOLING;
        String reason = switch (state) {
            case DEACTIVATED -> FAILURES;
            case COOLING -> RATE_LIMITED;
            default -> null;
        };
        return new StoredKey(
                clashing
                        ? entry.secret().id(ID_DIGITS_ON_A_CLASH)
                        : entry.secret().id(),
                entry.secret(),
                null,
                null,
                KeySource.FILE,
                state,
                reason,
                until,
                0,
                0,
                null,
                entry.lastUsed(),
                0,
                entry.failed());
    }
}
