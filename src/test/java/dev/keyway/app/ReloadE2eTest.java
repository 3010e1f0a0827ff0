package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.app.WireClient.Answer;
import dev.keyway.testing.CapturedConsole;
import dev.keyway.testing.Post;
import dev.keyway.testing.RunningKeyway;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The configuration changes under a gateway that serves. */
final class ReloadE2eTest {
    private static final String HASH = "X-Keyway-Config";
    private static final String RELOAD = "/admin/config/reload";
    private static final String DIFF = "/admin/config/diff";
    private static final String JSON = "Content-Type: application/json";
    private static final String OTHER_KEY = "sk-or-v1-" + "4".repeat(64);
    private static final String SECRET = "an-admin-secret-of-some-length";

    @TempDir
    private Path home;

    @SuppressWarnings("NullAway.Init") // each test starts its own
    private E2e e2e;

    /** Looks at its files when it is told to. */
    private void start(String... yaml) throws IOException {
        begin(List.of("server.watch_config=0"), yaml);
    }

    /** Looks at its files all the time. */
    private void startWatching(String... yaml) throws IOException {
        begin(List.of("server.watch_config=50ms"), yaml);
    }

    private void begin(List<String> settings, String... yaml) throws IOException {
        write(yaml);
        e2e = E2e.start(home, settings.toArray(String[]::new));
    }

    @AfterEach
    void stop() {
        e2e.close();
    }

    private void write(String... yaml) throws IOException {
        Files.writeString(home.resolve("keyway.yml"), String.join("\n", yaml) + "\n");
    }

    private Answer reload(String... headers) throws IOException {
        return e2e.post(RELOAD, "", headers);
    }

    private String model() throws IOException {
        return e2e.reached(E2e.CHAT, E2e.chat("m")).path("model").asText();
    }

    private static void soon(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(20)).until(condition);
    }

    private JsonNode lastReload() throws IOException {
        return e2e.get("/admin/config").json().path("last_reload");
    }

    @Test
    void a_reload_tells_what_changed_and_it_counts_from_the_next_request_on() throws IOException {
        start("model_aliases: ['^m$=openai/gpt-4o-mini']");
        String before = e2e.get("/admin/config").json().path("hash").asText();
        assertThat(model()).isEqualTo("openai/gpt-4o-mini");

        write("model_aliases: ['^m$=anthropic/claude-sonnet-4']", "server: {send_buffer: 1KB}");
        Answer answer = reload();

        assertThat(answer.status()).describedAs(answer.text()).isEqualTo(200);
        assertThat(answer.json().path("changes"))
                .isEqualTo(E2e.json(
                                "[{'path':'server.send_buffer','before':'128KB','after':'1KB','source':'keyway.yml:2',"
                                        + "'needs_restart':true},"
                                        + "{'path':'model_aliases','before':'[^m$=openai/gpt-4o-mini]',"
                                        + "'after':'[^m$=anthropic/claude-sonnet-4]','source':'keyway.yml:1','needs_restart':false}]")
                        .deepCopy());
        assertThat(answer.json().path("hash").asText()).hasSize(12).isNotEqualTo(before);
        assertThat(model()).isEqualTo("anthropic/claude-sonnet-4");
        JsonNode config = e2e.get("/admin/config").json();
        assertThat(config.path("hash")).isEqualTo(answer.json().path("hash"));
        assertThat(config.at("/last_reload/trigger").asText()).isEqualTo("admin");
        assertThat(config.at("/last_reload/taken").asBoolean()).isTrue();
        assertThat(config.at("/last_reload/need_restart")).isEqualTo(E2e.json("['server.send_buffer']"));
    }

    @Test
    void a_configuration_with_problems_changes_nothing_and_all_of_them_are_told() throws IOException {
        start("model_aliases: ['^m$=openai/gpt-4o-mini']");
        String before = e2e.get("/admin/config").json().path("hash").asText();

        write(
                "model_aliases: ['^m$=anthropic/claude-sonnet-4']",
                "usage_injection: perhaps",
                "upstream: {hold: soon}",
                "rate_limit_cooldwon: 1h",
                "admin: {secret: short}");
        Answer answer = reload();

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.message())
                .startsWith("the configuration is left as it was: ")
                .endsWith("; and 1 more");
        assertThat(answer.json().at("/error/details/problems"))
                .hasSize(4)
                .anySatisfy(problem -> assertThat(problem.asText())
                        .isEqualTo("keyway.yml:4: rate_limit_cooldwon: unknown setting; did you mean"
                                + " openrouter.rate_limit_cooldown?"))
                .anySatisfy(problem ->
                        assertThat(problem.asText()).startsWith("keyway.yml:2: usage_injection: \"perhaps\""));
        assertThat(answer.text()).doesNotContain("short\"");
        assertThat(model()).isEqualTo("openai/gpt-4o-mini");
        JsonNode config = e2e.get("/admin/config").json();
        assertThat(config.path("hash").asText()).isEqualTo(before);
        assertThat(config.at("/last_reload/taken").asBoolean(true)).isFalse();
        assertThat(config.at("/last_reload/problems")).isEqualTo(answer.json().at("/error/details/problems"));
        assertThat(e2e.get("/metrics/raw").text()).contains("keyway_config_last_reload_refused 1");

        write("model_aliases: ['^m$=openai/gpt-4o-mini']");
        assertThat(reload().status()).isEqualTo(200);
        assertThat(lastReload().path("problems")).isEmpty();
        assertThat(e2e.get("/metrics/raw").text()).contains("keyway_config_last_reload_refused 0");
    }

    @Test
    void a_request_keeps_the_configuration_it_came_under() throws IOException {
        start(
                "model_aliases: ['^m$=openai/gpt-4o-mini']",
                "identity: {x_title: {mode: override, override_value: before}}");
        e2e.upstream.clear();
        byte[] body = E2e.chat("m").getBytes(StandardCharsets.UTF_8);
        try (WireClient client = new WireClient(e2e.port())) {
            client.head("POST", E2e.CHAT, JSON, "Content-Length: " + body.length);
            String under = e2e.get("/admin/config").json().path("hash").asText();
            write(
                    "model_aliases: ['^m$=anthropic/claude-sonnet-4']",
                    "identity: {x_title: {mode: override, override_value: after}}");
            assertThat(reload().status()).isEqualTo(200);
            client.send(body);
            Answer answer = client.answer("POST");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header(HASH)).isEqualTo(under);
            assertThat(e2e.upstream.received()).singleElement().satisfies(received -> {
                assertThat(received.bodyText()).contains("openai/gpt-4o-mini\"");
                assertThat(received.header("X-Title")).isEqualTo("before");
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"rewritten in place", "renamed over", "removed and made again", "linked anew"})
    void a_changed_file_is_taken_however_it_changed(String how) throws IOException {
        Path file = home.resolve("keyway.yml");
        if (how.equals("linked anew")) {
            Files.createDirectories(home.resolve("..1"));
            Files.writeString(home.resolve("..1/keyway.yml"), "model_aliases: ['^m$=openai/gpt-4o-mini']\n");
            Files.createSymbolicLink(home.resolve("..data"), Path.of("..1"));
            Files.createSymbolicLink(file, Path.of("..data/keyway.yml"));
            e2e = E2e.start(home, "server.watch_config=50ms");
        } else {
            startWatching("model_aliases: ['^m$=openai/gpt-4o-mini']");
        }
        assertThat(model()).isEqualTo("openai/gpt-4o-mini");
        String changed = "model_aliases: ['^m$=anthropic/claude-sonnet-4']\n";

        switch (how) {
            case "rewritten in place" -> Files.writeString(file, changed);
            case "renamed over" -> {
                Files.writeString(home.resolve("4913~"), changed);
                Files.move(home.resolve("4913~"), file, StandardCopyOption.ATOMIC_MOVE);
            }
            case "removed and made again" -> {
                Files.delete(file);
                Files.writeString(file, changed);
            }
            default -> {
                Files.createDirectories(home.resolve("..2"));
                Files.writeString(home.resolve("..2/keyway.yml"), changed);
                Files.createSymbolicLink(home.resolve("..new"), Path.of("..2"));
                Files.move(home.resolve("..new"), home.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
            }
        }

        soon(() -> model().equals("anthropic/claude-sonnet-4"));
        assertThat(lastReload().path("trigger").asText()).isEqualTo("file");
    }

    @Test
    void a_bad_file_is_told_once_and_again_only_when_it_changed() throws IOException {
        String text;
        try (CapturedConsole console = CapturedConsole.open()) {
            startWatching("usage_injection: true");
            write("usage_injection: perhaps");
            soon(() -> lastReload().path("problems").size() == 1);
            write("usage_injection: perhaps", "surprise: 1");
            soon(() -> lastReload().path("problems").size() == 2);
            write("usage_injection: false");
            soon(() -> lastReload().path("taken").asBoolean());
            e2e.close();
            text = console.text();
        }

        assertThat(text.lines().filter(line -> line.contains("configuration not reloaded")))
                .hasSize(2);
        assertThat(text).contains("trigger=file", "configuration problem: keyway.yml:2 surprise unknown setting");
    }

    @Test
    void access_keys_origins_proxies_and_the_admin_secret_follow() throws IOException {
        start("usage_injection: true");
        assertThat(e2e.post(E2e.CHAT, E2e.chat("openai/gpt-4o-mini")).status()).isEqualTo(200);

        write(
                "server: {access_key: " + E2e.ACCESS_KEY + ", trusted_proxies: [127.0.0.1]}",
                "admin: {secret: " + SECRET + "}",
                "metrics: {open: true}",
                "cors: {allowed_origins: ['https://app.example.com']}");
        assertThat(reload().status()).isEqualTo(200);

        assertThat(e2e.post(E2e.CHAT, E2e.chat("openai/gpt-4o-mini")).status()).isEqualTo(401);
        Answer allowed =
                e2e.post(E2e.CHAT, E2e.chat("openai/gpt-4o-mini"), E2e.BEARER, "Origin: https://app.example.com");
        assertThat(allowed.status()).isEqualTo(200);
        assertThat(allowed.header("Access-Control-Allow-Origin")).isEqualTo("https://app.example.com");
        assertThat(e2e.get("/admin/config").status()).isEqualTo(401);
        assertThat(e2e.get("/metrics/raw", "X-Forwarded-For: 192.0.2.1").status())
                .isEqualTo(200);
        assertThat(e2e.get("/admin/config", "X-Admin-Secret: " + SECRET).status())
                .isEqualTo(200);

        write("usage_injection: true");
        assertThat(reload("X-Admin-Secret: " + SECRET).status()).isEqualTo(200);
        assertThat(e2e.post(E2e.CHAT, E2e.chat("openai/gpt-4o-mini")).status()).isEqualTo(200);
    }

    @Test
    void the_hash_is_for_administrators_only() throws IOException {
        start("server: {access_key: " + E2e.ACCESS_KEY + "}", "admin: {secret: " + SECRET + "}");

        Answer client = e2e.post(E2e.CHAT, E2e.chat("openai/gpt-4o-mini"), E2e.BEARER);
        Answer admin = e2e.post(E2e.CHAT, E2e.chat("openai/gpt-4o-mini"), E2e.BEARER, "X-Admin-Secret: " + SECRET);
        Answer refused = e2e.get("/admin/config");

        assertThat(client.headers(HASH)).isEmpty();
        assertThat(refused.headers(HASH)).isEmpty();
        assertThat(admin.headers(HASH))
                .containsExactly(e2e.get("/admin/config", "X-Admin-Secret: " + SECRET)
                        .json()
                        .path("hash")
                        .asText());
    }

    @Test
    void keys_come_and_go_with_the_file_and_what_runs_with_one_that_went_goes_on() throws IOException {
        write("openrouter: {keys: [" + RunningKeyway.POOL_KEY + "]}");
        e2e = E2e.start(home, "server.watch_config=0", "openrouter.keys=");
        e2e.upstream.clear();
        try (WireClient stream = new WireClient(e2e.port())) {
            String paced = Post.chat("sandbox/paced:20:20", true);
            stream.request("POST", E2e.CHAT, paced.getBytes(StandardCharsets.UTF_8), JSON);
            soon(() -> !e2e.upstream.received().isEmpty()
                    && e2e.upstream.received().get(0).responseLength() > 500);

            write("openrouter: {keys: [" + OTHER_KEY + "]}");
            Answer answer = reload();
            e2e.upstream.clear();
            int next = e2e.post(E2e.CHAT, E2e.chat("openai/gpt-4o-mini")).status();
            Answer whole = stream.answer("POST");

            assertThat(answer.json().at("/changes/0/after").asText()).isEqualTo("[" + new Secret(OTHER_KEY).id() + "]");
            assertThat(next).isEqualTo(200);
            assertThat(e2e.upstream.received())
                    .singleElement()
                    .satisfies(received ->
                            assertThat(received.header("Authorization")).isEqualTo("Bearer " + OTHER_KEY));
            assertThat(whole.status()).isEqualTo(200);
            assertThat(whole.text()).endsWith("data: [DONE]\n\n");
        }
        List<String> ids = new ArrayList<>();
        e2e.get("/admin/keys")
                .json()
                .path("keys")
                .forEach(key -> ids.add(key.path("id").asText()));
        assertThat(ids).containsExactly(new Secret(OTHER_KEY).id());
        assertThat(Files.readString(home.resolve("data/keys.json")))
                .contains("\"retired\"")
                .doesNotContain(RunningKeyway.POOL_KEY);
    }

    @Test
    void a_file_is_compared_without_a_change() throws IOException {
        start("model_aliases: ['^m$=openai/gpt-4o-mini']");

        Answer same = e2e.post(DIFF, "{\"yaml\":\"model_aliases: ['^m$=openai/gpt-4o-mini']\"}", JSON);
        Answer other = e2e.post(DIFF, "{\"yaml\":\"usage_injection: false\",\"name\":\"new.yml\"}", JSON);
        Answer bad = e2e.post(DIFF, "{\"yaml\":\"a: 1\\nb: 2\"}", JSON);

        assertThat(same.json().path("changes")).isEmpty();
        assertThat(other.json().path("changes")).hasSize(2);
        assertThat(other.json().at("/changes/0/source").asText()).isEqualTo("new.yml:1");
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.message())
                .isEqualTo("the file would be refused: yaml:1: a: unknown setting; yaml:2: b: unknown" + " setting");
        assertThat(model()).isEqualTo("openai/gpt-4o-mini");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                RELOAD + "|{\"now\":true}|unknown member \"now\"; allowed: none",
                DIFF + "|{}|yaml must be a string, the text of a configuration file",
                DIFF + "|{\"yaml\":1}|yaml must be a string, the text of a configuration file",
                DIFF + "|{\"yaml\":\"\",\"file\":\"/etc/passwd\"}|unknown member \"file\"; allowed: name, yaml"
            })
    void what_means_nothing_is_refused(String route, String body, String message) throws IOException {
        start("usage_injection: true");

        Answer answer = e2e.post(route, body, JSON);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.message()).isEqualTo(message);
    }

    @Test
    void log_levels_and_timeouts_follow() throws IOException {
        String text;
        try (CapturedConsole console = CapturedConsole.open()) {
            write("server: {log_level: ERROR}");
            e2e = E2e.start(home, "server.watch_config=0", "server.log_level=");
            reload();
            write("server: {log_level: INFO}", "upstream: {first_byte_timeout: 200ms}");
            reload();
            Answer late = e2e.post(E2e.CHAT, E2e.chat("sandbox/slow-headers:2000"));
            assertThat(late.status()).describedAs(late.text()).isEqualTo(504);
            reload();
            e2e.close();
            text = console.text();
        }

        assertThat(text.lines().filter(line -> line.contains("configuration reloaded")))
                .describedAs("the first was not to be told")
                .hasSize(2);
    }
}
