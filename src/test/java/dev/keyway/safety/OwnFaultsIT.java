package dev.keyway.safety;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.LogFolder;
import dev.keyway.testing.Post;
import dev.keyway.testing.Proof;
import dev.keyway.testing.container.Distribution;
import dev.keyway.testing.container.KeywayProcess;
import dev.keyway.testing.container.WireClient;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the machine does to Keyway, seen from its own process: it serves on, says so once, and mends itself. */
@SuppressWarnings("try") // what is opened is used by what is asked
class OwnFaultsIT {
    private static final Proof PROOF = Proof.named("own-faults");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String CHAT = "/v1/chat/completions";
    private static final String BODY = Post.chat("openai/gpt-4o-mini", false);

    /** For all of them: to unpack the jars takes as long as to start. */
    @TempDir
    static Path cache;

    @TempDir
    Path folder;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @BeforeAll
    static void unpackTheJars() throws Exception {
        try (KeywayProcess version = in(cache).run("--version")) {
            assertThat(version.awaitExit(PATIENCE)).isZero();
        }
    }

    private static KeywayProcess.Launch in(Path folder) {
        return KeywayProcess.in(folder).environment("XDG_CACHE_HOME", cache.toString());
    }

    // ---- disk

    @ParameterizedTest
    @EnumSource(Disk.Kind.class)
    void a_full_disk_costs_log_lines_but_no_request_and_is_used_again_once_there_is_room(Disk.Kind kind)
            throws Exception {
        try (Disk disk = Disk.of(kind, folder.resolve("home"));
                Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway = in(folder)
                        .before(upstream.baseUrl())
                        .serve("--home", disk.home().toString())) {
            LogFolder logs = LogFolder.of(disk.home());
            long pid = keyway.process().pid();
            assertThat(ask(keyway, "before")).isEqualTo(200);
            upstream.clear();
            CompletableFuture<HttpResponse<byte[]>> stream =
                    LiveStreams.open(client, keyway.url(CHAT), "sandbox/paced:40:50");
            await().atMost(SOON).until(() -> LiveStreams.flowing(upstream) == 1);

            disk.fill(pid);
            for (int i = 0; i < 5; i++) {
                assertThat(ask(keyway, "while-" + i)).isEqualTo(200);
            }
            HttpResponse<String> added = Post.json(
                    keyway.url("/admin/keys"), "{\"key\":\"sk-or-v1-" + "2".repeat(64) + "\",\"label\":\"late\"}");
            await().atMost(SOON).until(() -> health(keyway).path("faults").size() == 2);
            JsonNode full = health(keyway);
            assertWhole(upstream, stream.join());
            disk.free(pid);
            await().atMost(SOON)
                    .until(() -> health(keyway).path("status").asText().equals("ok"));
            assertThat(ask(keyway, "after")).isEqualTo(200);
            await().atMost(SOON).until(() -> logs.text("errors").contains("machine_fault_over"));
            await().atMost(SOON)
                    .until(() -> logs.text("requests").contains("\"after\",")
                            && logs.text("errors").contains("lines_lost"));

            assertThat(added.statusCode())
                    .describedAs("what is not kept is not confirmed")
                    .isEqualTo(500);
            assertThat(added.body()).contains("could not be kept").doesNotContain("sk-or");
            assertThat(full.path("status").asText()).isEqualTo("degraded");
            assertThat(full.path("faults").toString()).isEqualTo("[\"log_files\",\"key_file\"]");
            assertThat(Files.readString(disk.home().resolve("data/keys.json"))).contains("\"late\"");
            assertThat(lines(keyway, "log files not writable")).hasSize(1).allMatch(line -> line.contains(disk.word()));
            assertThat(lines(keyway, "log files writable again")).hasSize(1);
            assertThat(lines(keyway, "key file could not be written")).hasSize(1);
            assertThat(lines(keyway, "key file is written again")).hasSize(1);
            assertThat(logs.lines("requests").stream().filter(line -> !line.endsWith("}")))
                    .describedAs("a line for which half of the room was left")
                    .hasSizeLessThan(2);
            keyway.terminate();
            assertThat(keyway.awaitExit(PATIENCE)).isZero();
        }
    }

    /** Symptom: the note in the lock found no room, and the start was refused. */
    @Test
    void it_starts_on_a_disk_that_is_full() throws Exception {
        Path home = folder.resolve("home");
        Files.createDirectories(home.resolve("data"));
        Files.createDirectories(home.resolve("logs"));
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway =
                        in(folder).limit("-S -f 0").before(upstream.baseUrl()).serve("--home", home.toString())) {
            long pid = keyway.process().pid();

            assertThat(ask(keyway, "full")).isEqualTo(200);
            await().atMost(SOON)
                    .until(() -> health(keyway).path("status").asText().equals("degraded"));
            assertThat(Disk.run("prlimit", "--pid", Long.toString(pid), "--fsize=unlimited:unlimited"))
                    .isZero();

            await("the file by which commands find it")
                    .atMost(SOON)
                    .until(() -> Files.exists(home.resolve("data/gateway.json")));
            await().atMost(SOON)
                    .until(() -> health(keyway).path("status").asText().equals("ok"));
        }
    }

    @Test
    void a_log_file_that_is_taken_away_replaced_or_emptied_is_followed() throws Exception {
        LogFolder logs = LogFolder.of(folder);
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway = in(folder).before(upstream.baseUrl()).serve()) {
            assertThat(ask(keyway, "first")).isEqualTo(200);
            Path live = logs.files("requests").get(0);
            await().atMost(SOON).until(() -> Files.readString(live).contains("Outgoing Response"));

            Files.move(live, folder.resolve("rotated"));
            Files.createFile(live);
            loggedAgain(keyway, live, "replaced");
            Files.delete(live);
            loggedAgain(keyway, live, "removed");
            Files.write(live, new byte[0]);
            loggedAgain(keyway, live, "emptied");

            assertThat(Files.readString(folder.resolve("rotated"))).contains("\"first\"");
            assertThat(Files.readString(live)).doesNotContain("\"replaced\"", "\0");
        }
    }

    private static void loggedAgain(KeywayProcess keyway, Path live, String id) {
        await(id).atMost(SOON).until(() -> {
            assertThat(ask(keyway, id)).isEqualTo(200);
            return Files.exists(live) && Files.readString(live).contains("\"" + id + "\"");
        });
    }

    // ---- files

    @Test
    @Timeout(120)
    void with_256_files_300_clients_cost_no_stream_and_wait_until_others_leave() throws Exception {
        List<WireClient> clients = new ArrayList<>();
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway =
                        in(folder).limit("-n 256").before(upstream.baseUrl()).serve()) {
            long pid = keyway.process().pid();
            List<CompletableFuture<HttpResponse<byte[]>>> streams = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                streams.add(LiveStreams.open(client, keyway.url(CHAT), "sandbox/paced:120:50"));
            }
            await().atMost(SOON).until(() -> LiveStreams.flowing(upstream) == 5);

            for (int i = 0; i < 300; i++) {
                clients.add(WireClient.to(keyway.url("/").getPort()).post(CHAT, BODY, "Connection: keep-alive"));
            }
            await().atMost(SOON)
                    .until(() -> !lines(keyway, "no more clients are taken").isEmpty());
            Duration before = processor(pid);
            long since = System.nanoTime();
            await().atMost(SOON)
                    .until(() ->
                            System.nanoTime() - since > Duration.ofSeconds(2).toNanos());
            long load = (processor(pid).toMillis() - before.toMillis()) * 100 / 2000;
            List<WireClient> served = takeAnswered(clients);
            List<WireClient> left = List.copyOf(clients.subList(0, 10));
            close(clients.subList(10, clients.size()));
            close(served);
            for (WireClient one : left) {
                assertThat(one.answer().status()).isEqualTo(200);
            }
            close(left);
            for (CompletableFuture<HttpResponse<byte[]>> stream : streams) {
                assertWhole(upstream, stream.join());
            }
            await().atMost(SOON)
                    .until(() -> !lines(keyway, "clients are taken again").isEmpty());
            LogFolder logs = LogFolder.of(folder);
            await().atMost(SOON).until(() -> logs.text("errors").contains("machine_fault_over"));

            PROOF.report(
                    "256 files: of 300 clients %d had a place, the others waited; %d %% of a processor meanwhile, 5 streams"
                            + " whole, served again once they had left",
                    served.size(), load);
            assertThat(served).hasSizeBetween(50, 120);
            assertThat(load).isLessThan(50);
            assertThat(lines(keyway, "few file descriptors")).hasSize(1);
            assertThat(lines(keyway, "no more clients are taken")).hasSize(1);
            assertThat(logs.lines("errors").stream().filter(line -> line.contains("\"machine_fault\"")))
                    .hasSize(1)
                    .allMatch(line -> line.contains("\"clients\""));
            assertThat(keyway.output() + keyway.errors()).doesNotContain("Too many open files", "\tat ");
            assertThat(ask(keyway, "after")).isEqualTo(200);
        } finally {
            close(clients);
        }
    }

    /** Those who have an answer, which must be 200. */
    private static List<WireClient> takeAnswered(List<WireClient> clients) throws IOException {
        List<WireClient> answered = new ArrayList<>();
        for (Iterator<WireClient> all = clients.iterator(); all.hasNext(); ) {
            WireClient one = all.next();
            if (one.socket().getInputStream().available() > 0) {
                assertThat(one.answer().status()).isEqualTo(200);
                answered.add(one);
                all.remove();
            }
        }
        return answered;
    }

    private static void close(List<WireClient> clients) throws IOException {
        for (WireClient one : clients) {
            one.close();
        }
    }

    private static Duration processor(long pid) {
        return ProcessHandle.of(pid).orElseThrow().info().totalCpuDuration().orElseThrow();
    }

    // ---- memory

    @Test
    void an_exhausted_heap_ends_the_process_with_3_also_without_an_option() throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway = in(folder)
                        .option("-Xmx48m")
                        .program(
                                "-cp",
                                Distribution.property("keyway.war") + ":" + testClasses(),
                                HungryKeyway.class.getName())
                        .before(upstream.baseUrl())
                        .serve()) {
            assertThat(ask(keyway, "fed")).isEqualTo(200);

            Files.createFile(folder.resolve(HungryKeyway.SIGN));
            int requests = 0;
            while (keyway.process().isAlive() && requests < 100) {
                requests++;
                askBriefly(keyway);
            }
            int exit = keyway.awaitExit(PATIENCE);

            PROOF.report("heap exhausted: exit code %d after %d requests", exit, requests);
            assertThat(exit).isEqualTo(3);
            assertThat(keyway.errors()).contains("Keyway ends: the Java heap is exhausted");
        }
    }

    private void askBriefly(KeywayProcess keyway) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(keyway.url(CHAT))
                .timeout(Duration.ofMillis(500))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(BODY))
                .build();
        try {
            client.send(request, BodyHandlers.discarding());
        } catch (IOException failed) {
            // It may be about to end.
            assertThat(failed).isNotNull();
        }
    }

    private static Path testClasses() {
        return Path.of(OwnFaultsIT.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
    }

    // ---- time

    /** Symptom: behind the stop every clock had run out, though the upstream had sent meanwhile. */
    @Test
    void a_stopped_process_goes_on_with_every_stream_and_no_clock_has_run() throws Exception {
        int count = PROOF.size(20, 100);
        Duration stop = Duration.ofSeconds(PROOF.size(5, 10));
        // As long as the stop allows: on a busy machine the upstream stands still as well.
        String clock = stop.minusSeconds(1).toSeconds() + "s";
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway = in(folder)
                        .before(upstream.baseUrl())
                        .environment("KEYWAY_UPSTREAM_IDLE_TIMEOUT", clock)
                        .environment("KEYWAY_UPSTREAM_FIRST_BYTE_TIMEOUT", clock)
                        .serve()) {
            String pid = Long.toString(keyway.process().pid());
            List<CompletableFuture<HttpResponse<byte[]>>> streams = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                streams.add(LiveStreams.open(
                        client, keyway.url(CHAT), "sandbox/paced:" + (stop.toMillis() / 100 + 20) + ":100"));
            }
            await().atMost(SOON).until(() -> LiveStreams.flowing(upstream) == count);
            CompletableFuture<HttpResponse<byte[]>> waiting =
                    LiveStreams.open(client, keyway.url(CHAT), "sandbox/slow-headers:1500");
            await().atMost(SOON).until(() -> upstream.received().size() > count);

            assertThat(Disk.run("kill", "-STOP", pid)).isZero();
            long since = System.nanoTime();
            await().atMost(PATIENCE).until(() -> System.nanoTime() - since > stop.toNanos());
            assertThat(Disk.run("kill", "-CONT", pid)).isZero();

            streams.add(waiting);
            for (CompletableFuture<HttpResponse<byte[]>> stream : streams) {
                assertWhole(upstream, stream.join());
            }
            LogFolder logs = LogFolder.of(folder);
            await().atMost(SOON)
                    .until(() -> logs.lines("requests").stream()
                                    .filter(line -> line.contains("Outgoing Response"))
                                    .count()
                            == count + 1);
            assertThat(logs.text("errors")).isEmpty();
            PROOF.report("stopped for %d s: %d streams whole, nothing in the errors log", stop.toSeconds(), count + 1);
        }
    }

    // ---- start

    @Test
    void a_second_process_on_one_home_is_refused_and_the_first_serves_on() throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess first = in(folder).before(upstream.baseUrl()).serve()) {
            Post.json(first.url("/admin/keys"), "{\"key\":\"sk-or-v1-" + "2".repeat(64) + "\"}");
            String kept = Files.readString(folder.resolve("data/keys.json"));

            try (KeywayProcess second = in(folder).before(upstream.baseUrl()).run("--port", "0")) {
                assertThat(second.awaitExit(PATIENCE)).isEqualTo(1);
                assertThat(second.errors().lines())
                        .singleElement()
                        .asString()
                        .contains(folder.toString(), "pid " + first.process().pid());
            }

            assertThat(ask(first, "on")).isEqualTo(200);
            assertThat(Files.readString(folder.resolve("data/keys.json"))).isEqualTo(kept);
        }
    }

    @Test
    void a_half_written_configuration_is_refused_with_its_lines_and_nothing_is_written() throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        Files.writeString(home.resolve("keyway.yml"), """
                server:
                  port: 3000
                  drain_timeout: 10
                upstream:
                  hold: 5 parsecs
                openrouter:
                  keys: [sk-or-v1-%s, "sk-or-v1-4""".formatted("3".repeat(64)));
        try (KeywayProcess keyway = in(folder).run("--home", home.toString())) {

            int exit = keyway.awaitExit(PATIENCE);

            assertThat(exit).isEqualTo(1);
            assertThat(keyway.errors().lines())
                    .isNotEmpty()
                    .allMatch(line -> line.matches(".*keyway\\.yml:[78]: not readable as YAML.*"))
                    .noneMatch(line -> line.contains("sk-or-v1-3") || line.contains("sk-or-v1-4"));
            assertThat(keyway.output()).doesNotContain("listening");
            try (Stream<Path> left = Files.list(home)) {
                assertThat(left).containsExactly(home.resolve("keyway.yml"));
            }
        }
    }

    // ----

    private static int ask(KeywayProcess keyway, String id) throws IOException, InterruptedException {
        return Post.json(keyway.url(CHAT), BODY, "X-Request-ID", id).statusCode();
    }

    private static JsonNode health(KeywayProcess keyway) throws IOException, InterruptedException {
        HttpResponse<String> answer = Post.get(keyway.url("/health"));
        assertThat(answer.statusCode()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static List<String> lines(KeywayProcess keyway, String text) {
        return keyway.output().lines().filter(line -> line.contains(text)).toList();
    }

    private static void assertWhole(Sandbox upstream, HttpResponse<byte[]> answer) throws Exception {
        assertThat(answer.statusCode()).isEqualTo(200);
        Received sent = upstream.received().stream()
                .filter(received -> Post.header(answer, "X-Generation-Id").equals(received.generationId()))
                .findFirst()
                .orElseThrow();
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        assertThat(HexFormat.of().formatHex(digest.digest(answer.body()))).isEqualTo(sent.responseSha256());
    }
}
