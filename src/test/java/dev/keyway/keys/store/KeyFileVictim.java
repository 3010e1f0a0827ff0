package dev.keyway.keys.store;

import dev.keyway.keys.KeySource;
import dev.keyway.keys.KeyState;
import dev.keyway.keys.KeyStateStore;
import dev.keyway.keys.StoredKey;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.IntStream;

/** A process to be killed: keeps one state after another, and prints the number of each when it is kept. */
final class KeyFileVictim {
    private static final int KEYS = 50;
    private static final List<KeyState> STATES = List.of(KeyState.values());

    private KeyFileVictim() {}

    /** The state of this number: every key tells it, by a counter and by when its rest or its free tier's ends. */
    static List<StoredKey> state(long number) {
        return IntStream.range(0, KEYS).mapToObj(i -> key(i, number)).toList();
    }

    private static StoredKey key(int i, long number) {
        KeyState state = STATES.get((int) ((i + number) % STATES.size()));
        Secret secret = new Secret("sk-or-v1-victim-" + i);
        return new StoredKey(
                secret.id(),
                secret,
                "label " + i,
                null,
                KeySource.ADMIN,
                state,
                state == KeyState.ACTIVE ? null : "reason",
                state == KeyState.COOLING ? Keys.NOW.plusSeconds(number) : null,
                0,
                0,
                Keys.NOW.plusSeconds(number),
                null,
                number,
                0);
    }

    /** The number of a state; 0 when nothing was kept yet. */
    static long number(List<StoredKey> state) {
        return state.isEmpty() ? 0 : state.get(0).served();
    }

    public static void main(String[] arguments) throws IOException {
        try (KeyStateStore store =
                KeyStateStores.open(Path.of(arguments[0]), KeyStoreOptions.DEFAULTS, InstantSource.system())) {
            long number = number(store.load());
            while (number < Long.MAX_VALUE) {
                long next = ++number;
                store.save(() -> state(next)).toCompletableFuture().join();
                System.out.println(next);
                System.out.flush();
            }
        }
    }
}
