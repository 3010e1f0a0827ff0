package dev.keyway.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.keys.KeyCredit;
import dev.keyway.keys.KeyView;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Keys as administrators see them: times ISO 8601 in UTC, money in US dollars, what is not known null; never a key. */
public final class KeyJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private KeyJson() {}

    /** {@code {"keys":[…]}}. */
    public static ObjectNode list(List<KeyView> views) {
        ObjectNode page = NODES.objectNode();
        ArrayNode keys = page.putArray("keys");
        views.forEach(view -> keys.add(one(view)));
        return page;
    }

    public static ObjectNode one(KeyView view) {
        ObjectNode json = NODES.objectNode()
                .put("id", view.id())
                .put("label", view.label())
                .put("account", view.account())
                .put("source", view.source().word())
                .put("state", view.state().word())
                .put("reason", view.reason())
                .put("until", time(view.until()))
                .put("free_until", time(view.freeUntil()))
                .put("last_used", time(view.lastUsed()))
                .put("successes", view.served())
                .put("failures", view.failed())
                .put("failures_in_a_row", view.failures());
        return withCredit(json, view.credit());
    }

    static ObjectNode tested(String id, TestResult result) {
        ObjectNode json = NODES.objectNode()
                .put("id", id)
                .put("result", result.verdict().name().toLowerCase(Locale.ROOT))
                .put("status", result.status() == 0 ? null : result.status())
                .put("message", result.message());
        return withCredit(json, result.credit());
    }

    private static ObjectNode withCredit(ObjectNode json, @Nullable KeyCredit credit) {
        if (credit == null) {
            return json.putNull("credit").putNull("free_requests_left");
        }
        json.putObject("credit")
                .put("remaining", credit.remaining())
                .put("limit", credit.limit())
                .put("resets", time(credit.resets()))
                .put("expires", time(credit.expires()))
                .put("asked", time(credit.asked()));
        return json.put("free_requests_left", credit.freeRequestsLeft());
    }

    /** Whole seconds, rounded up: a rest is not over before. */
    private static @Nullable String time(@Nullable Instant instant) {
        if (instant == null) {
            return null;
        }
        Instant second = instant.truncatedTo(ChronoUnit.SECONDS);
        return (second.equals(instant) ? second : second.plusSeconds(1)).toString();
    }
}
