package dev.keyway.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.Yaml;

/** {@code etc/openapi.yaml}, to judge real answers by: each has a status that is documented, and the shape of it. */
public final class OpenApi {
    /** What a request is answered whose head can't be taken. */
    private static final Set<Integer> MALFORMED = Set.of(400, 414, 431);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final OpenApi DOCUMENT = read();
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private final JsonNode root;
    private final Map<String, Schema> schemas = new ConcurrentHashMap<>();

    private OpenApi(JsonNode root) {
        this.root = root;
    }

    private static OpenApi read() {
        try {
            Object parsed = new Yaml().load(Files.readString(Path.of("etc/openapi.yaml")));
            return new OpenApi(JSON.valueToTree(parsed));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Fails when the answer is not as it is documented. What is relayed is OpenRouter's business.
     *
     * @param relayed whether OpenRouter was asked for it
     * @param target path and query as they were sent
     * @param contentType empty when there was none
     */
    public static void assertDescribes(
            String method, String target, boolean relayed, int status, String contentType, byte[] body)
            throws IOException {
        if (!relayed || target.contains("/inference")) {
            DOCUMENT.judge(method, target, status, contentType, body);
        }
    }

    private void judge(String method, String target, int status, String contentType, byte[] body) throws IOException {
        String path = template(target.replaceFirst("\\?.*", ""));
        String verb = method.toLowerCase(Locale.ROOT);
        JsonNode operation = root.path("paths").path(path).path(verb);
        String what = method + " " + target + " (" + path + ") " + status;
        if (operation.isMissingNode()) {
            // HEAD, OPTIONS and what is refused have no operation of their own; errors have one shape everywhere.
            judgeOwnError(what, status, contentType, body);
            return;
        }
        JsonNode response = operation.path("responses").path(Integer.toString(status));
        if (response.isMissingNode()) {
            response = operation.path("responses").path("default");
        }
        if (response.isMissingNode() && MALFORMED.contains(status)) {
            // Whatever it asks for.
            judgeOwnError(what, status, contentType, body);
            return;
        }
        assertThat(response.isMissingNode())
                .describedAs("no documented status: %s", what)
                .isFalse();
        JsonNode schema =
                resolved(response).path("content").path("application/json").path("schema");
        if (contentType.startsWith("application/json") && !schema.isMissingNode() && body.length > 0) {
            assertShape(what, schema, body);
        }
    }

    private void judgeOwnError(String what, int status, String contentType, byte[] body) throws IOException {
        if (status >= 400 && contentType.startsWith("application/json") && body.length > 0) {
            JsonNode error = JSON.readTree(body);
            if (error.path("error").has("request_id")) {
                assertShape(what, root.at("/components/schemas/Error"), body);
            }
        }
    }

    private void assertShape(String what, JsonNode schema, byte[] body) throws IOException {
        List<com.networknt.schema.Error> errors = schemas.computeIfAbsent(schema.toString(), text -> compiled(schema))
                .validate(JSON.readTree(body));
        assertThat(errors)
                .describedAs("%s: %s", what, new String(body, java.nio.charset.StandardCharsets.UTF_8))
                .isEmpty();
    }

    /** References are to what stands beside the paths. */
    private Schema compiled(JsonNode schema) {
        ObjectNode whole = schema.deepCopy();
        whole.set("components", root.get("components"));
        return REGISTRY.getSchema(whole);
    }

    private JsonNode resolved(JsonNode node) {
        JsonNode reference = node.path("$ref");
        return reference.isTextual() ? root.at(reference.textValue().substring(1)) : node;
    }

    /** The documented path that means this one: itself, else the one with the most text outside of its braces. */
    private String template(String path) {
        if (!(root.path("paths").path(path) instanceof MissingNode)) {
            return path;
        }
        String best = "";
        int most = -1;
        for (var entry : root.path("paths").properties()) {
            String documented = entry.getKey();
            String text = documented.replaceAll("\\{[^}]*}", "");
            String last = documented.endsWith("{path}") ? ".*" : "[^/]+";
            String pattern = Pattern.quote(documented).replaceAll("\\{[^}]*}", "\\\\E" + last + "\\\\Q");
            if (text.length() > most && path.matches(pattern)) {
                best = documented;
                most = text.length();
            }
        }
        return best;
    }
}
