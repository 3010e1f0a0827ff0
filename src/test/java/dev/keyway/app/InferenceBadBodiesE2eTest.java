package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.app.WireClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over 300 bad bodies against the inference routes: each is a 400 that names the member, and none goes upstream. */
final class InferenceBadBodiesE2eTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String GOOD = """
            {"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"hi"},
            {"role":"user","content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"u"}}]},
            {"role":"tool","tool_call_id":"c","content":"r"},{"role":"assistant","tool_calls":[{"id":"c"}]}],
            "tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"f"}},
            "response_format":{"type":"json_object"},"stop":["a"]}""";

    private static final String NOT_STRING = "[1,true,{},[],-0.5]";
    private static final String NOT_OBJECT = "[1,true,\"x\",[],\"\"]";
    private static final String NOT_ARRAY = "[1,true,\"x\",{}]";
    private static final String NOT_BOOLEAN = "[1,0,\"true\",\"\",{},[]]";
    private static final String NOT_NUMBER = "[true,\"1\",\"\",{},[],[1]]";

    /** Pointer of the member to its values that are wrong, each as an array. */
    private static final Map<String, List<String>> WRONG = wrong();

    @TempDir
    private Path home;

    private static Map<String, List<String>> wrong() {
        Map<String, List<String>> wrong = new LinkedHashMap<>();
        wrong.put("/model", List.of(NOT_STRING, "[\"\",\" \",null]"));
        wrong.put("/messages", List.of(NOT_ARRAY, "[[],null]"));
        for (String message : List.of("/messages/0", "/messages/3")) {
            wrong.put(message, List.of(NOT_OBJECT, "[null]"));
            wrong.put(message + "/role", List.of(NOT_STRING, "[\"\",\"robot\",\"User\",null]"));
        }
        wrong.put("/messages/0/content", List.of("[1,true,{},null,[1],[\"x\"]]"));
        wrong.put("/messages/1/content/0", List.of(NOT_OBJECT));
        wrong.put("/messages/1/content/0/type", List.of(NOT_STRING, "[\"\",null]"));
        wrong.put("/messages/1/content/0/text", List.of(NOT_STRING, "[null]"));
        wrong.put("/messages/1/content/1/image_url", List.of(NOT_OBJECT, "[null]"));
        wrong.put("/messages/1/content/1/image_url/url", List.of(NOT_STRING, "[null]"));
        wrong.put("/messages/1/content/1/image_url/detail", List.of(NOT_STRING, "[\"\",\"huge\"]"));
        wrong.put("/messages/2/tool_call_id", List.of(NOT_STRING, "[\"\",null]"));
        wrong.put("/messages/3/tool_calls", List.of(NOT_ARRAY));
        wrong.put("/messages/3/tool_calls/0", List.of(NOT_OBJECT));
        wrong.put("/temperature", List.of(NOT_NUMBER, "[-0.1,2.1,3,1e400,-1e400,1e99]"));
        wrong.put("/top_p", List.of(NOT_NUMBER, "[-0.1,1.1,2,1e400]"));
        for (String whole : List.of("/max_tokens", "/top_k")) {
            wrong.put(whole, List.of(NOT_NUMBER, "[-1,0.5,1.5,1e400,99999999999]"));
        }
        wrong.put("/seed", List.of(NOT_NUMBER, "[0.5,1.5,1e400,99999999999999999999]"));
        for (String penalty : List.of("/frequency_penalty", "/presence_penalty")) {
            wrong.put(penalty, List.of(NOT_NUMBER, "[-2.1,2.1,1e400]"));
        }
        wrong.put("/repetition_penalty", List.of(NOT_NUMBER, "[-0.1,2.1,1e400]"));
        wrong.put("/messages/2", List.of(NOT_OBJECT, "[null]"));
        wrong.put("/messages/2/role", List.of(NOT_STRING, "[\"\",\"function\",null]"));
        wrong.put("/messages/1/content/1/type", List.of(NOT_STRING, "[\"\",null]"));
        wrong.put("/stream", List.of(NOT_BOOLEAN));
        wrong.put("/parallel_tool_calls", List.of(NOT_BOOLEAN));
        wrong.put("/verbosity", List.of(NOT_STRING, "[\"\",\"loud\",\"LOW\"]"));
        wrong.put("/user", List.of(NOT_STRING));
        wrong.put("/stop", List.of("[1,true,{}]"));
        wrong.put("/stop/0", List.of("[1,true,{},null,[]]"));
        wrong.put("/tools", List.of(NOT_ARRAY));
        wrong.put("/tools/0", List.of(NOT_OBJECT));
        wrong.put("/tools/0/type", List.of(NOT_STRING, "[\"\",null]"));
        wrong.put("/tools/0/function", List.of(NOT_OBJECT, "[null]"));
        wrong.put("/tools/0/function/name", List.of(NOT_STRING, "[\"\",null]"));
        wrong.put("/tool_choice", List.of("[1,true,[],\"\",\"any\",\"AUTO\"]"));
        wrong.put("/tool_choice/function", List.of(NOT_OBJECT, "[null]"));
        wrong.put("/tool_choice/function/name", List.of(NOT_STRING, "[\"\",null]"));
        wrong.put("/response_format", List.of(NOT_OBJECT));
        wrong.put("/response_format/type", List.of(NOT_STRING, "[\"\",\"xml\",null]"));
        return wrong;
    }

    /** The good body with this text in the place of a member, as numbers stand that no reader of JSON keeps. */
    private static String with(String pointer, JsonNode value) throws IOException {
        ObjectNode body = (ObjectNode) JSON.readTree(GOOD);
        int slash = pointer.lastIndexOf('/');
        String name = pointer.substring(slash + 1);
        JsonNode parent = body.at(pointer.substring(0, slash));
        if (parent instanceof ArrayNode array) {
            array.set(Integer.parseInt(name), value);
        } else {
            ((ObjectNode) parent).set(name, value);
        }
        return body.toString();
    }

    private static String field(String pointer) {
        return pointer.substring(1).replaceAll("/(\\d+)", "[$1]").replace('/', '.');
    }

    @Test
    void each_is_refused_with_the_name_of_the_member() throws IOException {
        List<String> wrongly = new ArrayList<>();
        int bodies = 0;
        try (E2e e2e = E2e.start(home, "rate_limit.inference_max_requests=100000")) {
            assertThat(e2e.post("/api/v1/inference", GOOD).status()).isEqualTo(200);
            e2e.upstream.clear();
            for (Map.Entry<String, List<String>> member : WRONG.entrySet()) {
                for (String values : member.getValue()) {
                    for (JsonNode value : JSON.reader()
                            .with(com.fasterxml.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                            .readTree(values)) {
                        String route = bodies++ % 2 == 0 ? "/api/v1/inference" : "/api/v1/inference/stream";
                        Answer answer =
                                e2e.post(route, with(member.getKey(), value).getBytes(StandardCharsets.UTF_8));
                        if (!isNamed(answer, member.getKey())) {
                            wrongly.add(member.getKey() + " " + value + ": " + answer.status() + " " + answer.text());
                        }
                    }
                }
            }
            for (String none :
                    List.of("", "[]", "1", "\"x\"", "null", "{", "{\"model\":", "{\"model\":\"a\",\"model\":\"a\"}")) {
                bodies++;
                Answer answer = e2e.post("/api/v1/inference", none);
                if (answer.status() != 400 || answer.message().isEmpty()) {
                    wrongly.add(none + ": " + answer.status() + " " + answer.text());
                }
            }
            assertThat(wrongly).isEmpty();
            assertThat(bodies).isGreaterThan(300);
            assertThat(e2e.upstream.received()).isEmpty();
        }
    }

    /** Inside a value of another kind the first thing that is wrong may stand further in. */
    private static boolean isNamed(Answer answer, String pointer) throws IOException {
        JsonNode error = answer.json().path("error");
        boolean named = false;
        for (JsonNode one : error.path("errors")) {
            named |= one.path("pointer").asText().startsWith(pointer)
                    && one.path("field").asText().startsWith(field(pointer))
                    && !one.path("message").asText().isEmpty();
        }
        return answer.status() == 400
                && named
                && error.path("message").asText().equals("Validation error")
                && error.path("type").asText().equals("validation")
                && error.at("/details/field").asText().startsWith(field(pointer));
    }
}
