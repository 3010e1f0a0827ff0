package dev.keyway.seeds;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/** Reads the use of OpenAI's JavaScript client into the request that this client makes of it. */
final class OpenAiSnippet {
    /** Enough of JavaScript for an object literal. */
    private static final JsonMapper LITERALS = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
            .build();

    private OpenAiSnippet() {}

    static HttpCall chat(String snippet) throws IOException {
        JsonNode client = argument(snippet, "new OpenAI(");
        JsonNode request = argument(snippet, ".chat.completions.create(");
        return new HttpCall(
                "POST",
                URI.create(client.get("baseURL").textValue() + "/chat/completions"),
                List.of(
                        "Accept: application/json",
                        "Content-Type: application/json",
                        "User-Agent: OpenAI/JS 6.1.0",
                        "X-Stainless-Retry-Count: 0",
                        "X-Stainless-Lang: js",
                        "X-Stainless-Package-Version: 6.1.0",
                        "X-Stainless-OS: Linux",
                        "X-Stainless-Arch: x64",
                        "X-Stainless-Runtime: node",
                        "X-Stainless-Runtime-Version: v22.19.0",
                        "Authorization: Bearer " + client.get("apiKey").textValue()),
                request.toString());
    }

    private static JsonNode argument(String snippet, String call) throws IOException {
        int at = snippet.indexOf(call);
        if (at < 0) {
            throw new IllegalArgumentException("no " + call + " in: " + snippet);
        }
        // It reads one value and leaves what follows.
        return LITERALS.readTree(snippet.substring(at + call.length()));
    }
}
