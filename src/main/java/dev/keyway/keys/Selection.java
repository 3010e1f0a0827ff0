package dev.keyway.keys;

import java.time.Instant;

/** What the pool answers when a request needs a key. */
public sealed interface Selection {
    /** A key to use for one attempt; reported back with {@link KeyPool#report}. */
    record Lease(UpstreamKey key) implements Selection {}

    /** No key can be used now; one may be from {@code retryAt} on. */
    record Exhausted(Instant retryAt) implements Selection {}
}
