package dev.keyway.safety;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.LogFolder;
import dev.keyway.testing.Post;
import dev.keyway.testing.container.InstalledJava;
import dev.keyway.testing.container.KeywayProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How the program starts, refuses to start and ends, seen from its own process: words, exit codes, files. */
@SuppressWarnings("try") // what is opened is used by what is asked
class StartAndStopIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CHAT = "/v1/chat/completions";
    private static final String BODY = Post.chat("openai/gpt-4o-mini", false);

    @TempDir
    Path home;

    static List<Path> javaHomes() throws IOException {
        return InstalledJava.homes();
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void a_port_in_use_is_said_in_one_sentence_and_ends_with_1(Path java) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                KeywayProcess keyway =
                        KeywayProcess.in(home).java(java).run("--port", Integer.toString(taken.getLocalPort()))) {

            int exit = keyway.awaitExit(PATIENCE);

            assertThat(exit).isEqualTo(1);
            assertThat(keyway.errors().lines())
                    .containsExactly("port " + taken.getLocalPort() + " is in use; --port 0 takes a free one");
        }
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void all_problems_of_a_configuration_are_said_one_a_line_and_end_with_1(Path java) throws Exception {
        Files.writeString(home.resolve("keyway.yml"), """
                server:
                  port: 70000
                  drain_timeout: 5 parsecs
                openrouter:
                  keys: [not-a-key-but-a-secret-of-mine]
                upstrem:
                  hold: 1s
                """);
        try (KeywayProcess keyway = KeywayProcess.in(home).java(java).run()) {

            int exit = keyway.awaitExit(PATIENCE);

            assertThat(exit).isEqualTo(1);
            assertThat(keyway.errors().lines())
                    .hasSize(4)
                    .anyMatch(line -> line.contains("keyway.yml") && line.contains("server.port"))
                    .anyMatch(line -> line.contains("server.drain_timeout") && line.contains("5 parsecs"))
                    .anyMatch(line -> line.contains("openrouter.keys"))
                    .anyMatch(line -> line.contains("upstrem"))
                    .noneMatch(line -> line.contains("secret-of-mine"));
            assertThat(keyway.output()).doesNotContain("listening", "secret-of-mine");
        }
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void a_wrong_flag_ends_with_2_and_repeats_no_value(Path java) throws Exception {
        try (KeywayProcess keyway = KeywayProcess.in(home).java(java).run("--openruter-api-key", "sk-or-v1-secret")) {

            int exit = keyway.awaitExit(PATIENCE);

            assertThat(exit).isEqualTo(2);
            assertThat(keyway.errors())
                    .contains("unknown flag --openruter-api-key")
                    .doesNotContain("secret");
            assertThat(keyway.output()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void version_tells_commit_and_build_time_and_ends_with_0(Path java) throws Exception {
        try (KeywayProcess keyway = KeywayProcess.in(home).java(java).run("--version")) {

            int exit = keyway.awaitExit(PATIENCE);

            assertThat(exit).isZero();
            assertThat(keyway.errors()).isEmpty();
            assertThat(keyway.output().lines()).hasSize(1);
            assertThat(keyway.output())
                    .matches("(?i)keyway [0-9]\\S+.*\\b([0-9a-f]{12}|unknown)\\b.*20[0-9]{2}-[0-9]{2}-[0-9]{2}T.*");
        }
    }

    /** A symptom once: log lines stood between the invitation and the line to paste. */
    @Test
    void the_printed_curl_line_of_the_demo_streams_when_it_is_pasted() throws Exception {
        try (KeywayProcess keyway = KeywayProcess.in(home).serve("demo", "--home", home.toString())) {
            keyway.process()
                    .await(
                            "printed a curl line",
                            PATIENCE,
                            demo -> demo.output().contains("Ctrl-C"));
            List<String> lines = keyway.output().lines().toList();
            List<String> said = lines.subList(
                    indexOf(lines, "A stand-in OpenRouter answers"), indexOf(lines, "Or point an OpenAI SDK"));
            String line = said.stream()
                    .filter(text -> text.strip().startsWith("curl "))
                    .findFirst()
                    .orElseThrow();

            Process pasted = new ProcessBuilder("bash", "-c", line)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(pasted.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(said).noneMatch(text -> text.matches("20[0-9]{2}-.*"));
            assertThat(pasted.waitFor()).isZero();
            assertThat(answer).contains("data: {").endsWith("data: [DONE]\n\n");
            assertThat(spoken(answer)).contains("\"effort\":\"high\"").containsIgnoringCase("fireworks");
            keyway.terminate();
            assertThat(keyway.awaitExit(PATIENCE)).isZero();
            assertThat(keyway.errors()).isEmpty();
        }
    }

    /** The words of a stream, put together. */
    private static String spoken(String stream) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line : stream.lines().toList()) {
            if (line.startsWith("data: {")) {
                text.append(new ObjectMapper()
                        .readTree(line.substring("data: ".length()))
                        .at("/choices/0/delta/content")
                        .asText(""));
            }
        }
        return text.toString();
    }

    private static int indexOf(List<String> lines, String start) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(start)) {
                return i;
            }
        }
        throw new AssertionError("no line begins: " + start);
    }

    /** Symptom: a folder that root may write by its mode but not in fact, as in /proc, stopped the start. */
    @Test
    void a_home_that_cant_be_written_costs_the_files_only() throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway =
                        KeywayProcess.in(home).before(upstream.baseUrl()).serve("--home", "/proc")) {

            int status = Post.json(keyway.url(CHAT), BODY).statusCode();

            assertThat(status).isEqualTo(200);
            assertThat(keyway.output() + keyway.errors()).containsPattern("(WARN|warning).*/proc is not writable");
            keyway.terminate();
            assertThat(keyway.awaitExit(PATIENCE)).isZero();
        }
    }

    @Test
    void a_log_folder_that_cant_be_made_costs_the_files_only() throws Exception {
        Files.writeString(home.resolve("logs"), "a file where the folder should be");
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway =
                        KeywayProcess.in(home).before(upstream.baseUrl()).serve()) {

            int status = Post.json(keyway.url(CHAT), BODY).statusCode();

            assertThat(status).isEqualTo(200);
            keyway.process()
                    .await("warned", PATIENCE, running -> running.output().contains(" WARN "));
            assertThat(keyway.output()).containsPattern(" WARN .*log.*" + home.resolve("logs"));
        }
    }

    @Test
    void killed_it_starts_again_on_the_same_port_and_home_and_logs_on() throws Exception {
        LogFolder logs = LogFolder.of(home);
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests())) {
            int port;
            try (KeywayProcess first =
                    KeywayProcess.in(home).before(upstream.baseUrl()).serve()) {
                URI chat = first.url(CHAT);
                port = chat.getPort();
                assertThat(Post.json(chat, BODY, "X-Request-ID", "first").statusCode())
                        .isEqualTo(200);
                await().atMost(Duration.ofSeconds(5))
                        .until(() -> logs.text("requests").contains("Outgoing Response"));
                first.kill();
            }
            try (KeywayProcess second =
                    KeywayProcess.in(home).before(upstream.baseUrl()).serve("--port", Integer.toString(port))) {

                int status = Post.json(second.url(CHAT), BODY, "X-Request-ID", "second")
                        .statusCode();
                second.terminate();
                int exit = second.awaitExit(PATIENCE);

                assertThat(List.of(status, exit)).containsExactly(200, 0);
            }
        }
        List<String> lines = logs.lines("requests");
        assertThat(lines).hasSize(4).allSatisfy(line -> new ObjectMapper().readTree(line));
        assertThat(lines.get(1)).contains("\"first\"", "Outgoing Response");
        assertThat(lines.get(3)).contains("\"second\"", "Outgoing Response");
    }

    @Test
    void logs_can_be_read_by_owner_and_group_only() throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway =
                        KeywayProcess.in(home).before(upstream.baseUrl()).serve()) {

            Post.json(keyway.url(CHAT), BODY);

            for (String log : List.of("requests", "errors", "keys")) {
                List<Path> files = LogFolder.of(home).files(log);
                assertThat(files).hasSize(1);
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.get(0))))
                        .isIn("rw-r-----", "rw-------");
            }
        }
    }
}
