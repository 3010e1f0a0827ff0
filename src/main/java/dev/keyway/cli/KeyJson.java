package dev.keyway.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.keys.KeyCredit;
import dev.keyway.keys.KeyView;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keys in the admin API's words, for when no gateway runs that could answer. */
final class KeyJson {
    private KeyJson() {}

    static ObjectNode of(List<KeyView> keys) {
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray("keys");
        keys.forEach(key -> list.add(of(key)));
        return body;
    }

    static ObjectNode of(KeyView key) {
        ObjectNode body = Json.object()
                .put("id", key.id())
                .put("label", key.label())
                .put("account", key.account())
                .put("source", key.source().word())
                .put("state", key.state().word())
                .put("reason", key.reason())
                .put("until", iso(key.until()))
                .put("free_until", iso(key.freeUntil()))
                .put("last_used", iso(key.lastUsed()))
                .put("successes", key.served())
                .put("failures", key.failed())
                .put("failures_in_a_row", key.failures());
        KeyCredit credit = key.credit();
        if (credit == null) {
            return body.putNull("credit").putNull("free_requests_left");
        }
        body.putObject("credit")
                .put("remaining", credit.remaining())
                .put("limit", credit.limit())
                .put("resets", iso(credit.resets()))
                .put("expires", iso(credit.expires()))
                .put("asked", iso(credit.asked()));
        return body.put("free_requests_left", credit.freeRequestsLeft());
    }

    /** In UTC, to the second; rounded up, because a rest is not over before. */
    private static @Nullable String iso(@Nullable Instant moment) {
        if (moment == null) {
            return null;
        }
        Instant second = moment.truncatedTo(ChronoUnit.SECONDS);
        return (second.equals(moment) ? second : second.plusSeconds(1)).toString();
    }
}
