package dev.keyway.filter;

import com.google.re2j.Pattern;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.slug.ModelPattern;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import dev.keyway.wire.JsonValue.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the models of {@code failover} into {@code models}, which the upstream tries in order when the model fails.
 *
 * <p>A client's own list, also an empty one, and its {@code fallbacks} of {@code /messages} stay as they are. A client of
 * some models only gets those of the list that it may use.
 */
public final class FailoverFilter implements RequestFilter {
    private final List<Rule> rules;

    private record Rule(Pattern when, List<String> to) {}

    public FailoverFilter(RouteOptions options) {
        this.rules = options.failover().stream()
                .map(line -> new Rule(line.pattern(), line.to()))
                .toList();
    }

    @Override
    public UpstreamRequest apply(UpstreamRequest request) {
        if (rules.isEmpty()
                || !(request.body() instanceof RequestBody.Json json)
                || !request.api().takesTags()) {
            return request;
        }
        JsonBody body = json.json();
        @Nullable String model = body.text("model");
        if (model == null
                || model.length() > ModelPattern.LONGEST_NAME
                || has(body, "models")
                || has(body, "fallbacks")) {
            return request;
        }
        for (Rule rule : rules) {
            if (rule.when().matches(model)) {
                List<JsonValue> others = rule.to().stream()
                        .filter(other -> request.client().models().permit(other))
                        .map(JsonValue::of)
                        .toList();
                return others.isEmpty()
                        ? request
                        : request.withBody(new RequestBody.Json(body.with("models", JsonValue.array(others))));
            }
        }
        return request;
    }

    private static boolean has(JsonBody body, String member) {
        @Nullable JsonValue value = body.value(member);
        return value != null && !value.is(Kind.NULL);
    }
}
