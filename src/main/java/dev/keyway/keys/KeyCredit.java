package dev.keyway.keys;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What {@code GET /key} says of a key, in US dollars; each member null when the upstream does not say.
 *
 * @param remaining what the key may still spend: {@code limit_remaining}; null: no limit of its own
 * @param limit the key's limit
 * @param resets when the limit is renewed, worked out from {@code limit_reset} (daily, weekly or monthly, UTC)
 * @param freeRequestsLeft {@code free_model_daily_requests.remaining}
 * @param expires {@code expires_at}
 * @param asked when the upstream said so
 */
public record KeyCredit(
        @Nullable BigDecimal remaining,
        @Nullable BigDecimal limit,
        @Nullable Instant resets,
        @Nullable Integer freeRequestsLeft,
        @Nullable Instant expires,
        Instant asked) {}
