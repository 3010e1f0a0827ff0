package dev.keyway.upstream.account;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.keys.KeyCredit;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.JsonBody;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.TemporalAdjusters;
import org.jspecify.annotations.Nullable;

/** What the upstream answered to {@code GET /key}. */
final class KeyAnswer {
    private KeyAnswer() {}

    /**
     * What an answer says of the key.
     *
     * @param body any bytes
     * @param asked when the upstream was asked; {@code limit_reset} counts from there
     */
    static ProbeResult of(int status, byte[] body, Instant asked) {
        if (status == 401 || status == 403) {
            return new ProbeResult.Refused(status);
        }
        if (status != 200) {
            return new ProbeResult.Unreachable("answered_" + status);
        }
        try {
            JsonNode data = JsonBody.parse(body).node("data");
            // Else a page of some other kind would tell that there is no limit.
            if (data != null && data.isObject() && isAmountOrNull(data.get("limit_remaining"))) {
                return new ProbeResult.Accepted(credit(data, asked));
            }
        } catch (ApiException e) {
            // No JSON: told below.
        }
        return new ProbeResult.Unreachable("no_key_in_answer");
    }

    private static boolean isAmountOrNull(@Nullable JsonNode value) {
        return value != null && (value.isNull() || value.isNumber());
    }

    private static KeyCredit credit(JsonNode data, Instant asked) {
        JsonNode free = data.at("/free_model_daily_requests/remaining");
        return new KeyCredit(
                amount(data.get("limit_remaining")),
                amount(data.get("limit")),
                nextReset(data.path("limit_reset").asText(), asked),
                free.isInt() ? free.intValue() : null,
                moment(data.path("expires_at").asText()),
                asked);
    }

    private static @Nullable BigDecimal amount(@Nullable JsonNode value) {
        return value != null && value.isNumber() ? value.decimalValue() : null;
    }

    /** The next midnight, Monday or first of a month, UTC. */
    private static @Nullable Instant nextReset(String period, Instant now) {
        LocalDate today = now.atZone(ZoneOffset.UTC).toLocalDate();
        @Nullable
        LocalDate next = switch (period) {
            case "daily" -> today.plusDays(1);
            case "weekly" -> today.with(TemporalAdjusters.next(DayOfWeek.MONDAY));
            case "monthly" -> today.with(TemporalAdjusters.firstDayOfNextMonth());
            default -> null;
        };
        return next == null ? null : next.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private static @Nullable Instant moment(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
