package dev.keyway.filter;

import com.fasterxml.jackson.databind.node.BooleanNode;
import dev.keyway.exchange.Api;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import dev.keyway.wire.JsonValue.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the usage to be reported: {@code usage.include: true}, other members of {@code usage} stay.
 *
 * <p>Only where the API has that member, and only in a request whose model is a string.
 */
public final class UsageFilter implements RequestFilter {
    private static final String USAGE = "usage";
    private final boolean injects;

    public UsageFilter(FilterOptions options) {
        this.injects = options.usageInjection();
    }

    @Override
    public UpstreamRequest apply(UpstreamRequest request) {
        boolean hasUsage = request.api() == Api.CHAT || request.api() == Api.COMPLETIONS;
        if (!injects || !hasUsage || !(request.body() instanceof RequestBody.Json json)) {
            return request;
        }
        JsonBody body = json.json();
        @Nullable JsonValue model = body.value("model");
        if (model == null || !model.is(Kind.STRING)) {
            return request;
        }
        @Nullable JsonValue usage = body.value(USAGE);
        JsonBody asked = usage != null && usage.is(Kind.OBJECT) ? usage.object() : JsonBody.EMPTY;
        JsonValue including = asked.with("include", BooleanNode.TRUE).asValue();
        return request.withBody(new RequestBody.Json(body.with(USAGE, including)));
    }
}
