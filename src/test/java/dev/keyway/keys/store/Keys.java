package dev.keyway.keys.store;

import dev.keyway.keys.KeySource;
import dev.keyway.keys.KeyState;
import dev.keyway.keys.StoredKey;
import dev.keyway.wire.Secret;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Keys to keep. */
final class Keys {
    static final Instant NOW = Instant.parse("2026-11-27T20:00:00Z");

    /** A state of each kind, in clear and of configuration, with every member that there is and with none. */
    static final List<StoredKey> ALL_KINDS = List.of(
            new StoredKey(
                    new Secret("sk-or-v1-one").id(),
                    new Secret("sk-or-v1-one"),
                    "Grün \"1\" \ud83d\ude00",
                    "büro",
                    KeySource.ADMIN,
                    KeyState.COOLING,
                    "rate_limited",
                    Instant.parse("2026-11-28T00:00:00.123456789Z"),
                    3,
                    2,
                    Instant.parse("2026-11-28T00:00:00Z"),
                    Instant.parse("2026-11-27T19:59:59.999Z"),
                    Long.MAX_VALUE,
                    17),
            active("sk-or-v1-two"),
            configured("k_0123456789ab", KeySource.ENVIRONMENT, KeyState.DEACTIVATED, "failures", null),
            configured("k_01234567", KeySource.CONFIG, KeyState.EXHAUSTED, "credits", null),
            configured("k_89abcdef", KeySource.CONFIG, KeyState.COOLING, "refused", NOW.plusSeconds(600)));

    private Keys() {}

    static StoredKey active(String key) {
        return served(key, 0);
    }

    static StoredKey served(String key, long served) {
        Secret secret = new Secret(key);
        return new StoredKey(
                secret.id(),
                secret,
                null,
                null,
                KeySource.FILE,
                KeyState.ACTIVE,
                null,
                null,
                0,
                0,
                null,
                null,
                served,
                0);
    }

    static StoredKey configured(
            String id, KeySource source, KeyState state, @Nullable String reason, @Nullable Instant until) {
        return new StoredKey(id, null, null, null, source, state, reason, until, 1, 0, null, null, 0, 1);
    }

    /** So many keys, each with a state worth keeping. */
    static List<StoredKey> many(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    Secret secret = new Secret("sk-or-v1-0123456789abcdef0123456789abcdef0123456789abcdef" + i);
                    return new StoredKey(
                            secret.id(12),
                            secret,
                            "label " + i,
                            "account-" + i / 10,
                            KeySource.ADMIN,
                            KeyState.COOLING,
                            "rate_limited",
                            NOW.plusSeconds(i),
                            1,
                            0,
                            NOW,
                            NOW.minusSeconds(i),
                            i,
                            1);
                })
                .toList();
    }
}
