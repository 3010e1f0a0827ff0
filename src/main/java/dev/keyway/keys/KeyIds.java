package dev.keyway.keys;

import dev.keyway.wire.Secret;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Gives each key an id that no other key of the pool has. */
final class KeyIds {
    private static final int DIGITS = 8;
    private static final int DIGITS_ON_A_CLASH = 12;

    private KeyIds() {}

    /** An id for each of these, which differ. */
    static Map<Secret, String> assign(Collection<Secret> secrets) {
        Set<String> seen = new HashSet<>();
        Set<String> clashing = new HashSet<>();
        for (Secret secret : secrets) {
            if (!seen.add(secret.id(DIGITS))) {
                clashing.add(secret.id(DIGITS));
            }
        }
        Map<Secret, String> ids = new HashMap<>();
        for (Secret secret : secrets) {
            ids.put(secret, secret.id(clashing.contains(secret.id(DIGITS)) ? DIGITS_ON_A_CLASH : DIGITS));
        }
        return ids;
    }

    /** An id for one more, given those in use. */
    static String next(Secret secret, Set<String> used) {
        String id = secret.id(DIGITS);
        return used.contains(id) ? secret.id(DIGITS_ON_A_CLASH) : id;
    }
}
