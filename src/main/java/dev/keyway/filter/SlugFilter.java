package dev.keyway.filter;

import dev.keyway.exchange.Api;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.filter.param.Params;
import dev.keyway.filter.tag.TagTarget;
import dev.keyway.filter.tag.Tags;
import dev.keyway.slug.Slug;
import dev.keyway.slug.SlugParser;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Expands {@code $tags} and {@code ?parameters} in the model string into the members they stand for, and takes them off.
 *
 * <p>A request without a model, or with one that is no string, passes as it is. Tags in {@code models} count as well: one
 * request has one set of options, so all that carry tags must carry the same. Parameters count behind {@code model} only;
 * they are written last, and those that can't be are left out with one warning in the log.
 */
public final class SlugFilter implements RequestFilter {
    private static final String ROUTES_WITH_TAGS =
            Arrays.stream(Api.values()).filter(Api::takesTags).map(Api::path).collect(Collectors.joining(", "));

    private static final Logger LOG = LogManager.getLogger(SlugFilter.class);

    private final List<String> providerLists;

    public SlugFilter(FilterOptions options) {
        this.providerLists = switch (options.providerField()) {
            case BOTH -> List.of("only", "order");
            case ONLY -> List.of("only");
            case ORDER -> List.of("order");
        };
    }

    @Override
    public UpstreamRequest apply(UpstreamRequest request) {
        if (!(request.body() instanceof RequestBody.Json json) || !request.api().rewritten()) {
            return request;
        }
        JsonBody body = json.json();
        @Nullable String model = body.text("model");
        if (model == null) {
            return request;
        }
        if (model.indexOf('$') < 0 && model.indexOf('?') < 0 && !body.has("models")) {
            return request;
        }
        Params params = new Params(request.api());
        JsonBody expanded = expand(body, model, request.api(), params);
        String ignored = params.told();
        if (!ignored.isEmpty()) {
            LOG.warn("model parameters ignored: request={} {}", request.id(), ignored);
        }
        return expanded == body ? request : request.withBody(new RequestBody.Json(expanded));
    }

    private JsonBody expand(JsonBody body, String model, Api api, Params params) {
        Slug slug = SlugParser.parse(model);
        if (!api.takesTags() && !slug.tags().isEmpty()) {
            throw new ApiException(
                    ErrorCode.VALIDATION,
                    "The model carries " + Tags.quoted(slug.tags().get(0)) + ", but " + api.path()
                            + " takes no $tags; they are allowed on " + ROUTES_WITH_TAGS);
        }
        JsonBody plain = slug.base().equals(model) ? body : body.with("model", JsonValue.of(slug.base()));
        if (!api.takesTags()) {
            return params.write(plain, slug.params());
        }
        TagAgreement agreement = new TagAgreement();
        agreement.add(model, slug);
        JsonBody stripped = bareModels(plain, agreement, params);
        JsonBody tagged = agreement.tags().write(stripped, new TagTarget(api, providerLists));
        return params.write(tagged, slug.params());
    }

    private static JsonBody bareModels(JsonBody body, TagAgreement agreement, Params params) {
        @Nullable JsonValue models = body.value("models");
        if (models == null || !models.is(JsonValue.Kind.ARRAY)) {
            return body;
        }
        JsonValue stripped = models.mapElements(entry -> {
            @Nullable String written = entry.text();
            if (written == null || (written.indexOf('$') < 0 && written.indexOf('?') < 0)) {
                return entry;
            }
            Slug slug = SlugParser.parse(written);
            agreement.add(written, slug);
            params.ignore(slug.params(), "stands in models, it counts in model only");
            return JsonValue.of(slug.base());
        });
        return stripped == models ? body : body.with("models", stripped);
    }
}
