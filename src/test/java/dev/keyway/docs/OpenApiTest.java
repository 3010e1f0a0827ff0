package dev.keyway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.keyway.admin.AdminServlet;
import dev.keyway.catalogue.CatalogueFilter;
import dev.keyway.exchange.Api;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorBody;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.FieldProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** etc/openapi.yaml says what Keyway's surface is, no more and no less. */
class OpenApiTest {
    private static JsonNode document = JsonNodeFactory.instance.objectNode();

    @TempDir
    private Path home;

    @BeforeAll
    static void parse() throws IOException {
        Object parsed = new Yaml().load(Files.readString(Path.of("etc/openapi.yaml")));
        document = new ObjectMapper().valueToTree(parsed);
    }

    @Test
    void it_is_openapi_3_1_of_the_version_that_is_built() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));

        assertThat(document.path("openapi").asText()).startsWith("3.1.");
        assertThat(pom).contains("<version>" + document.at("/info/version").asText());
    }

    @Test
    void it_has_the_path_of_every_endpoint() throws IOException {
        try (AGateway gateway = AGateway.in(home)) {
            Set<String> served = gateway.endpoints().rows().stream()
                    // Where a container sends its own errors to; nobody asks for it.
                    .filter(row -> !row.name().equals("container-error"))
                    .flatMap(row -> row.servlet() instanceof AdminServlet admin
                            ? admin.routes().stream().map(route -> route.split(" ", 2)[1])
                            : row.patterns().stream())
                    .map(pattern -> pattern.equals("/*") ? "/" : pattern.replace("*", "{path}"))
                    .collect(Collectors.toCollection(TreeSet::new));
            Set<String> rewritten = Arrays.stream(Api.values())
                    .filter(Api::rewritten)
                    .map(api -> "/v1" + api.path())
                    .collect(Collectors.toCollection(TreeSet::new));

            Set<String> models = CatalogueFilter.PATHS.stream()
                    .map(path -> "/v1" + path)
                    .collect(Collectors.toCollection(TreeSet::new));

            Set<String> paths = names(document.path("paths"));

            assertThat(paths)
                    .containsAll(served)
                    .containsAll(rewritten)
                    .containsAll(models)
                    .hasSize(served.size() + rewritten.size() + models.size());
        }
    }

    @Test
    void it_has_every_operation_of_administrators() throws IOException {
        try (AGateway gateway = AGateway.in(home)) {
            Set<String> served = gateway.endpoints().rows().stream()
                    .filter(row -> row.servlet() instanceof AdminServlet)
                    .flatMap(row -> ((AdminServlet) row.servlet()).routes().stream())
                    .collect(Collectors.toCollection(TreeSet::new));
            Set<String> documented = new TreeSet<>();
            for (String path : names(document.path("paths"))) {
                if (path.startsWith("/admin/")) {
                    for (String method : names(document.path("paths").path(path))) {
                        documented.add(method.toUpperCase(Locale.ROOT) + " " + path);
                    }
                }
            }
            documented.removeIf(operation -> operation.startsWith("PARAMETERS "));

            assertThat(documented).isNotEmpty().isEqualTo(served);
        }
    }

    @Test
    void the_data_api_lists_every_status_of_our_errors() {
        List<String> statuses = Arrays.stream(ErrorCode.values())
                .map(code -> "" + code.status())
                .toList();

        for (String path : List.of("/v1/{path}", "/api/v1/{path}", "/v1/chat/completions", "/v1/embeddings")) {
            Set<String> listed =
                    names(document.path("paths").path(path).path("post").path("responses"));
            assertThat(listed).describedAs(path).containsAll(statuses).contains("default");
        }
    }

    @Test
    void every_reference_leads_somewhere() {
        List<String> references = document.findValuesAsText("$ref");

        assertThat(references)
                .hasSizeGreaterThan(20)
                .allSatisfy(reference -> assertThat(
                                document.at(reference.substring(1)).isMissingNode())
                        .describedAs(reference)
                        .isFalse());
    }

    @Test
    void the_error_schema_has_the_members_and_words_of_a_real_error() throws IOException {
        ApiException error = ApiException.invalid(List.of(new FieldProblem("limit", "/limit", "no")))
                .withMember("maxSize", 1)
                .withMember("retryAfter", 7)
                .withMember("metadata", Map.of());
        JsonNode real = new ObjectMapper().readTree(ErrorBody.json(error, "r"));
        JsonNode schema = document.at("/components/schemas/Error/properties");

        assertThat(names(schema)).isEqualTo(names(real));
        assertThat(names(schema.at("/error/properties"))).isEqualTo(names(real.path("error")));
        assertThat(names(schema.at("/error/properties/errors/items/properties")))
                .isEqualTo(names(real.at("/error/errors/0")));
        assertThat(texts(schema.at("/error/properties/type/enum")))
                .isEqualTo(Stream.of(ErrorCode.values()).map(ErrorCode::type).collect(Collectors.toSet()));
        JsonNode anthropic = new ObjectMapper().readTree(ErrorBody.anthropicJson(error, "r"));
        assertThat(names(document.at("/components/schemas/AnthropicError/properties")))
                .isEqualTo(names(anthropic));
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Set<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.toSet());
    }
}
