package dev.keyway.filter;

import dev.keyway.exchange.Api;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
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
import org.jspecify.annotations.Nullable;

/**
 * Expands {@code $tags} in the model string into the members they stand for, and takes them off.
 *
 * <p>A request without a model, or with one that is no string, passes as it is. Tags in {@code models} count as well: one
 * request has one set of options, so all that carry tags must carry the same.
 */
public final class SlugFilter implements RequestFilter {
    private static final String ROUTES_WITH_TAGS =
            Arrays.stream(Api.values()).filter(Api::takesTags).map(Api::path).collect(Collectors.joining(", "));

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
        JsonBody expanded = expand(body, model, request.api());
        return expanded == body ? request : request.withBody(new RequestBody.Json(expanded));
    }

    private JsonBody expand(JsonBody body, String model, Api api) {
        Slug slug = SlugParser.parse(model);
        if (!api.takesTags() && !slug.tags().isEmpty()) {
            throw new ApiException(
                    ErrorCode.VALIDATION,
                    "The model carries " + Tags.quoted(slug.tags().get(0)) + ", but " + api.path()
                            + " takes no $tags; they are allowed on " + ROUTES_WITH_TAGS);
        }
        JsonBody plain = slug.base().equals(model) ? body : body.with("model", JsonValue.of(slug.base()));
        if (!api.takesTags()) {
            return plain;
        }
        TagAgreement agreement = new TagAgreement();
        agreement.add(model, slug);
        JsonBody stripped = withoutTagsInModels(plain, agreement);
        return agreement.tags().write(stripped, new TagTarget(api, providerLists));
    }

    private static JsonBody withoutTagsInModels(JsonBody body, TagAgreement agreement) {
        @Nullable JsonValue models = body.value("models");
        if (models == null || !models.is(JsonValue.Kind.ARRAY)) {
            return body;
        }
        JsonValue stripped = models.mapElements(entry -> {
            @Nullable String written = entry.text();
            if (written == null || written.indexOf('$') < 0) {
                return entry;
            }
            Slug slug = SlugParser.parse(written);
            agreement.add(written, slug);
            return JsonValue.of(slug.base());
        });
        return stripped == models ? body : body.with("models", stripped);
    }
}
