package dev.keyway.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.access.RoutePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Lists of models for tests, and what is answered from them. */
public final class Lists {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Lists() {}

    /** An answer of the upstream with these models, written with single for double quotes. */
    static byte[] of(String... models) {
        return ("{\"data\":[" + String.join(",", models).replace('\'', '"') + "]}").getBytes(StandardCharsets.UTF_8);
    }

    /** So many models of ten authors, each of about the size of one of OpenRouter's. */
    public static byte[] ofSize(int count) {
        String description = "A model for tests that writes text. ".repeat(12);
        String models = IntStream.range(0, count)
                .mapToObj(i -> String.format(
                        Locale.ROOT,
                        "{\"id\":\"author%d/model-%d\",\"canonical_slug\":\"author%d/model-%d-20260101\","
                                + "\"name\":\"Author: Model %d\",\"created\":1700000000,\"description\":\"%sNo %d.\","
                                + "\"context_length\":%d,\"pricing\":{\"prompt\":\"0.000001\",\"completion\":\"0\"},"
                                + "\"top_provider\":{\"max_completion_tokens\":null,\"is_moderated\":true},"
                                + "\"supported_parameters\":[\"max_tokens\",\"tools\"]}",
                        i % 10,
                        i,
                        i % 10,
                        i,
                        i,
                        description,
                        i,
                        1000 + i))
                .collect(Collectors.joining(","));
        return ("{\"data\":[" + models + "]}").getBytes(StandardCharsets.UTF_8);
    }

    /** A search that reads every model's description to its end, and the page that is answered; for the benchmark. */
    public static IntSupplier searching(int count) {
        ModelList list = ModelList.parse(ofSize(count));
        Answers.Question question = question("/models?search=No+1&limit=50");
        return () -> Answers.answer(question, list, CatalogueOptions.DEFAULTS).size();
    }

    /** Whether a request's model is there; for the benchmark. */
    public static IntSupplier finding(int count) {
        ModelList list = ModelList.parse(ofSize(count));
        return () -> list.knows("author7/model-777:nitro") ? 1 : 0;
    }

    static ModelList list(String... models) {
        return ModelList.parse(of(models));
    }

    /** The answer to a path below {@code /v1}, perhaps with a query. */
    static JsonNode ask(ModelList list, String target) {
        return ask(list, target, CatalogueOptions.DEFAULTS);
    }

    static JsonNode ask(ModelList list, String target, CatalogueOptions options) {
        Answers.Question question = question(target);
        Answers.check(question, options);
        try {
            return JSON.readTree(text(Answers.answer(question, list, options)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Answers.Question question(String target) {
        int mark = target.indexOf('?');
        String path = "/v1" + (mark < 0 ? target : target.substring(0, mark));
        @Nullable String query = mark < 0 ? null : target.substring(mark + 1);
        return new Answers.Question(ModelsRoute.of(RoutePath.of(path)), path, query);
    }

    static String text(List<ByteBuffer> parts) {
        StringBuilder text = new StringBuilder();
        parts.forEach(part -> text.append(StandardCharsets.UTF_8.decode(part.duplicate())));
        return text.toString();
    }
}
