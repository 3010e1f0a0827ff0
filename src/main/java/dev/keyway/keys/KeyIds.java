package dev.keyway.keys;

import dev.keyway.wire.Secret;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Gives each key an id that no other key of the pool has. */
final class KeyIds {
    private static final int DIGITS = 8;
    private static final int DIGITS_ON_A_CLASH = 12;

    private KeyIds() {}

    /** The keys in the order configured, each secret once; of two equal ones the first entry counts. */
    static List<PooledKey> assign(List<KeyPoolOptions.Entry> entries) {
        Map<Secret, KeyPoolOptions.Entry> unique = new LinkedHashMap<>();
        entries.forEach(entry -> unique.putIfAbsent(entry.secret(), entry));
        Set<String> seen = new HashSet<>();
        Set<String> clashing = new HashSet<>();
        for (Secret secret : unique.keySet()) {
            if (!seen.add(secret.id(DIGITS))) {
                clashing.add(secret.id(DIGITS));
            }
        }
        List<PooledKey> keys = new ArrayList<>(unique.size());
        for (KeyPoolOptions.Entry entry : unique.values()) {
            Secret secret = entry.secret();
            String id = secret.id(clashing.contains(secret.id(DIGITS)) ? DIGITS_ON_A_CLASH : DIGITS);
            keys.add(new PooledKey(new UpstreamKey(id, secret, entry.label(), entry.account()), keys.size()));
        }
        return List.copyOf(keys);
    }
}
