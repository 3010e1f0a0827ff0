package dev.keyway.catalogue;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.JsonBody;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the catalogue answers: a pure function of the question, the list and the options. */
final class Answers {
    private static final Set<String> OF_THE_LIST = Set.of("provider", "search", "limit", "offset");
    private static final int TOP = 10;
    private static final int FOUND = 20;
    private static final int SHOWN_ID = 200;

    /** What an answer looks like; another one makes the validators of older answers void. */
    private static final String FORM = "1";

    private Answers() {}

    /**
     * A question.
     *
     * @param path as it came, with the context's, for the link to the next page
     * @param query as it came; null without
     */
    record Question(
            ModelsRoute route, String path, @Nullable String query) {
        /** Whether it can be answered here: a filter of the list that is not known here is the upstream's. */
        boolean isOurs() {
            return !(route instanceof ModelsRoute.Elsewhere)
                    && Query.isReadable(query)
                    && (!(route instanceof ModelsRoute.All) || new Query(query).isWithin(OF_THE_LIST));
        }

        /** A strong validator of the answer. */
        String etag(ModelList list, CatalogueOptions options) {
            String view = String.join(
                    "\n",
                    FORM,
                    list.hash(),
                    options.freeOnly() + " " + options.defaultLimit() + " " + options.maxLimit(),
                    path,
                    String.valueOf(query));
            return '"' + ModelList.hash(view.getBytes(StandardCharsets.UTF_8)) + '"';
        }
    }

    /** @throws ApiException 400 for wrong parameters, whatever the list */
    static void check(Question question, CatalogueOptions options) {
        Query query = new Query(question.query());
        if (question.route() instanceof ModelsRoute.All) {
            page(query, options);
        } else if (question.route() instanceof ModelsRoute.Top) {
            query.number("limit", TOP, 1, options.maxLimit());
        } else if (question.route() instanceof ModelsRoute.Search) {
            if (query.text("q").isEmpty()) {
                throw new ApiException(ErrorCode.VALIDATION, "Query parameter \"q\" is required")
                        .withDetail("field", "q")
                        .withDetail("message", "q is required");
            }
            query.number("limit", FOUND, 1, options.maxLimit());
        }
        query.check();
    }

    /**
     * The answer to a question that was checked.
     *
     * @return parts in order, which are nobody's to write to
     * @throws ApiException 404 for a model that is not there
     */
    static List<ByteBuffer> answer(Question question, ModelList list, CatalogueOptions options) {
        ModelsRoute route = question.route();
        boolean freeOnly = options.freeOnly();
        if (route instanceof ModelsRoute.All && new Query(question.query()).isEmpty()) {
            return List.of(ByteBuffer.wrap(list.whole(freeOnly)));
        }
        return json(route, question, list, options).slices();
    }

    private static JsonBody json(ModelsRoute route, Question question, ModelList list, CatalogueOptions options) {
        boolean freeOnly = options.freeOnly();
        Query query = new Query(question.query());
        if (route instanceof ModelsRoute.Top) {
            return Shapes.top(first(list.byContext(freeOnly), query.number("limit", TOP, 1, options.maxLimit())));
        }
        if (route instanceof ModelsRoute.Search) {
            List<Model> found = list.search("", query.text("q"), freeOnly);
            int limit = query.number("limit", FOUND, 1, options.maxLimit());
            return Shapes.found(first(found, limit), query.text("q"), found.size());
        }
        if (route instanceof ModelsRoute.Providers) {
            return Shapes.providers(list.all(freeOnly));
        }
        if (route instanceof ModelsRoute.OfProvider of) {
            List<Model> theirs = list.all(freeOnly).stream()
                    .filter(model -> model.author().equals(of.provider()))
                    .toList();
            return Shapes.ofProvider(theirs, of.provider());
        }
        if (route instanceof ModelsRoute.One one) {
            return Shapes.one(model(list, one.id(), freeOnly));
        }
        if (route instanceof ModelsRoute.Parameters of) {
            return Shapes.parameters(model(list, of.id(), freeOnly));
        }
        if (route instanceof ModelsRoute.Pricing of) {
            return Shapes.pricing(model(list, of.id(), freeOnly));
        }
        return page(question, query, list, options);
    }

    private static Model model(ModelList list, String id, boolean freeOnly) {
        return list.find(id)
                .filter(model -> !freeOnly || model.free())
                .orElseThrow(() -> new ApiException(
                        ErrorCode.NOT_FOUND,
                        "Model '" + (id.length() <= SHOWN_ID ? id : id.substring(0, SHOWN_ID) + "...")
                                + "' not found"));
    }

    private record Page(String provider, String search, int limit, int offset) {}

    private static Page page(Query query, CatalogueOptions options) {
        return new Page(
                query.text("provider"),
                query.text("search"),
                query.number("limit", options.defaultLimit(), 1, options.maxLimit()),
                query.number("offset", 0, 0, Integer.MAX_VALUE));
    }

    private static JsonBody page(Question question, Query query, ModelList list, CatalogueOptions options) {
        Page page = page(query, options);
        List<Model> found = list.search(page.provider(), page.search(), options.freeOnly());
        int from = Math.min(page.offset(), found.size());
        int to = (int) Math.min(found.size(), (long) from + page.limit());
        String next = to < found.size() ? question.path() + "?" + queryAt(page, to) : null;
        return Shapes.list(found.subList(from, to), new Shapes.Paging(found.size(), page.limit(), page.offset(), next));
    }

    private static String queryAt(Page page, int offset) {
        List<String> pairs = new ArrayList<>();
        if (!page.provider().isEmpty()) {
            pairs.add("provider=" + URLEncoder.encode(page.provider(), StandardCharsets.UTF_8));
        }
        if (!page.search().isEmpty()) {
            pairs.add("search=" + URLEncoder.encode(page.search(), StandardCharsets.UTF_8));
        }
        pairs.add("offset=" + offset);
        pairs.add("limit=" + page.limit());
        return String.join("&", pairs);
    }

    private static List<Model> first(List<Model> models, int limit) {
        return models.subList(0, Math.min(limit, models.size()));
    }
}
