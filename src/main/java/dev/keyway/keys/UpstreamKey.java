package dev.keyway.keys;

import dev.keyway.wire.Secret;
import org.jspecify.annotations.Nullable;

/**
 * One key of the pool; its state is the pool's business.
 *
 * @param id {@code k_…}: all that is ever logged of it
 */
public record UpstreamKey(
        String id,
        Secret secret,
        @Nullable String label,
        @Nullable String account) {}
