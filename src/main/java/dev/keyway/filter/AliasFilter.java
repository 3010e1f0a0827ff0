package dev.keyway.filter;

import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.filter.tag.Tags;
import dev.keyway.slug.AliasTable;
import dev.keyway.slug.Slug;
import dev.keyway.slug.SlugParser;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import dev.keyway.wire.JsonValue.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts the model's own name in place of the one it was asked for by: {@code force_model}, else {@code static_route}, else
 * the first alias that matches; then takes {@code openrouter:} off.
 *
 * <p>What the client's model string carries is kept: its tags and parameters win over those of an alias and of a static
 * route, while those of a forced model win over the client's. Of tags of one kind only the winner's stay. Entries of {@code
 * models} are looked up as well. Where a model is forced or routed, {@code models} and the {@code fallbacks} of
 * {@code /messages} go: the upstream would try others by them.
 *
 * <p>Another prefix than {@code openrouter:} is part of the name: {@code llama3:8b}.
 */
public final class AliasFilter implements RequestFilter {
    private static final String BACKEND = "openrouter:";
    private static final List<String> OTHER_MODELS = List.of("models", "fallbacks");

    private final AliasTable aliases;
    private final @Nullable Slug forced;
    private final @Nullable Slug routed;

    public AliasFilter(RouteOptions options) {
        this.aliases = new AliasTable(options.aliases());
        this.forced = options.forceModel() == null ? null : SlugParser.parse(options.forceModel());
        this.routed = options.staticRoute() == null ? null : SlugParser.parse(options.staticRoute());
    }

    @Override
    public UpstreamRequest apply(UpstreamRequest request) {
        if (!(request.body() instanceof RequestBody.Json json) || !request.api().rewritten()) {
            return request;
        }
        JsonBody body = json.json();
        JsonBody named = forced == null ? named(body) : only(body, merged(asked(body), forced));
        return named == body ? request : request.withBody(new RequestBody.Json(named));
    }

    private static Slug asked(JsonBody body) {
        @Nullable String model = body.text("model");
        return SlugParser.parse(model == null ? "" : model);
    }

    private JsonBody named(JsonBody body) {
        @Nullable String model = body.text("model");
        if (model == null) {
            return body;
        }
        if (routed != null && !model.startsWith(BACKEND)) {
            return only(body, merged(routed, SlugParser.parse(model)).withBase(routed.base()));
        }
        String found = lookUp(model);
        JsonBody named = found.equals(model) ? body : body.with("model", JsonValue.of(found));
        @Nullable JsonValue models = named.value("models");
        if (models == null || !models.is(Kind.ARRAY)) {
            return named;
        }
        JsonValue others = models.mapElements(entry -> {
            @Nullable String written = entry.text();
            String other = written == null ? null : lookUp(written);
            return other == null || other.equals(written) ? entry : JsonValue.of(other);
        });
        return others == models ? named : named.with("models", others);
    }

    private static JsonBody only(JsonBody body, Slug model) {
        JsonBody written = body.with("model", JsonValue.of(withoutBackend(model).toString()));
        for (String others : OTHER_MODELS) {
            written = written.without(others);
        }
        return written;
    }

    private String lookUp(String model) {
        if (aliases.rules().isEmpty()) {
            return model.startsWith(BACKEND)
                    ? withoutBackend(SlugParser.parse(model)).toString()
                    : model;
        }
        Slug asked = SlugParser.parse(model);
        AliasTable.@Nullable Match match = aliases.match(asked);
        if (match == null) {
            return model.startsWith(BACKEND) ? withoutBackend(asked).toString() : model;
        }
        Slug replaced = match.replaced();
        return withoutBackend(match.whole() ? replaced : merged(replaced, asked).withBase(replaced.base()))
                .toString();
    }

    /** The base is the stronger one's. */
    private static Slug merged(Slug weaker, Slug stronger) {
        List<String> params = new ArrayList<>(weaker.params());
        params.addAll(stronger.params());
        return new Slug(stronger.base(), Tags.merge(weaker.tags(), stronger.tags()), params);
    }

    private static Slug withoutBackend(Slug slug) {
        String base = slug.base();
        boolean names = base.startsWith(BACKEND) && base.length() > BACKEND.length();
        return names ? slug.withBase(base.substring(BACKEND.length())) : slug;
    }
}
