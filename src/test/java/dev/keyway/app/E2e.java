package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.app.WireClient.Answer;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A gateway between a raw client and the stand-in, for tests of what goes in and what comes out. */
final class E2e implements AutoCloseable {
    static final String CHAT = "/v1/chat/completions";
    static final String ACCESS_KEY = "an-access-key-of-32-characters-x";
    static final String BEARER = "Authorization: Bearer " + ACCESS_KEY;
    static final byte[] NOTHING = new byte[0];
    private static final ObjectMapper JSON = new ObjectMapper();

    final Sandbox upstream;
    final RunningKeyway keyway;

    private E2e(Sandbox upstream, RunningKeyway keyway) {
        this.upstream = upstream;
        this.keyway = keyway;
    }

    /** Starts both; settings are {@code path=value}, an empty value takes a default of the kit away. */
    static E2e start(Path home, String... settings) throws IOException {
        Map<String, String> overrides = new LinkedHashMap<>();
        overrides.put("server.log_level", "ERROR");
        Arrays.stream(settings).map(line -> line.split("=", 2)).forEach(pair -> overrides.put(pair[0], pair[1]));
        Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
        return new E2e(upstream, RunningKeyway.before(upstream.baseUrl(), home, overrides));
    }

    int port() {
        return keyway.port();
    }

    Answer get(String target, String... headers) throws IOException {
        return WireClient.ask(port(), "GET", target, NOTHING, headers);
    }

    Answer ask(String method, String target, String... headers) throws IOException {
        return WireClient.ask(port(), method, target, NOTHING, headers);
    }

    Answer post(String target, String body, String... headers) throws IOException {
        return post(target, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    Answer post(String target, byte[] body, String... headers) throws IOException {
        return WireClient.ask(port(), "POST", target, body, headers);
    }

    /** Posts, and returns the one request that the stand-in got because of it. */
    Received sent(String target, byte[] body, String... headers) throws IOException {
        upstream.clear();
        Answer answer = post(target, body, headers);
        List<Received> received = upstream.received();
        assertThat(received)
                .describedAs("reached the stand-in; answer %s", answer.text())
                .hasSize(1);
        return received.get(0);
    }

    Received sent(String target, String body, String... headers) throws IOException {
        return sent(target, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    /** The JSON that reached the stand-in. */
    JsonNode reached(String target, String body) throws IOException {
        return JSON.readTree(sent(target, body).body());
    }

    /** Reads JSON written with single for double quotes. */
    static JsonNode json(String text) throws IOException {
        return JSON.readTree(text.replace('\'', '"'));
    }

    static String chat(String model) {
        return "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    }

    @Override
    public void close() {
        keyway.close();
        upstream.close();
    }
}
