package dev.keyway.keys;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request needs of the pool.
 *
 * @param free whether it asks for a model of the free tier ({@code :free}, or {@code openrouter/free})
 * @param session what keeps a conversation on one account where the option {@code session} is on; null: nothing does
 * @param tried ids of keys that this request has tried
 * @param shunned accounts that can't take this request now: each a name, or the id of a key without one
 */
public record KeyAsk(boolean free, @Nullable String session, Set<String> tried, Set<String> shunned) {
    public KeyAsk {
        tried = Set.copyOf(tried);
        shunned = Set.copyOf(shunned);
    }

    /** Any key for a paid model. */
    public static final KeyAsk ANY = new KeyAsk(false, null, Set.of(), Set.of());
}
