package dev.keyway.seeds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.keyway.app.GatewayContextListener;
import dev.keyway.cli.CommandContext;
import dev.keyway.cli.Doors;
import dev.keyway.cli.KeywayCommand;
import dev.keyway.cli.Terminal;
import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigSource;
import dev.keyway.launch.StandaloneServer;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Reply;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.Ports;
import dev.keyway.testing.container.WireClient;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keyway in the place of an older proxy: started by the command line with that proxy's own files, variables and flags,
 * the stand-in behind it, asked what that proxy's page tells its users to ask.
 *
 * <p>All of it is taken word for word but for this, which {@link Setup} replaces:
 *
 * <ul>
 *   <li>the port, by a free one: in files, variables and URLs; {@code --port} where the quoted setup names none
 *   <li>{@code https://openrouter.ai/api/v1} by the stand-in's address; {@code OPENROUTER_BASE_URL} where it is not named
 *   <li>what starts the program ({@code node server.js} and the like); its variables and flags stay
 * </ul>
 *
 * <p>And no key is probed by itself, so that what reaches the stand-in can be counted. Sample keys stay where Keyway takes
 * them; the one that it does not take is replaced in the test of that proxy.
 */
final class Successor implements AutoCloseable {
    private static final String OPENROUTER = "https://openrouter.ai/api/v1";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    final Sandbox upstream;
    final Path home;
    final int port;
    private final StandaloneServer server;
    private final GatewayContextListener wiring;

    private Successor(Setup setup, StandaloneServer server, GatewayContextListener wiring) {
        this.upstream = setup.upstream;
        this.home = setup.home;
        this.port = server.port();
        this.server = server;
        this.wiring = wiring;
    }

    /** A setup as the older proxy's page writes it, in a folder of its own. */
    static Setup of(Path home, int oldPort) throws IOException {
        return new Setup(home, oldPort);
    }

    /** What the older proxy's users have on their disks and type. */
    static final class Setup {
        private final Path home;
        private final String oldPort;
        private final int port = Ports.free();
        private final Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
        private final Map<String, String> environment = new LinkedHashMap<>();
        private final List<String> flags = new ArrayList<>();
        private final StringWriter told = new StringWriter();
        private boolean namesPort;
        private boolean namesUpstream;

        private Setup(Path home, int oldPort) throws IOException {
            this.home = home;
            this.oldPort = Integer.toString(oldPort);
            environment.put("KEYWAY_KEYS_PROBE_INTERVAL", "0");
            environment.put("KEYWAY_SERVER_DRAIN_TIMEOUT", "1s");
        }

        /** Writes a file into the folder that the program is started in. */
        Setup file(String name, String text) throws IOException {
            Files.writeString(home.resolve(name), here(text));
            return this;
        }

        /** What stands in one line of a shell: variables, also those given to Docker by -e, and flags. */
        Setup shell(String line) {
            List<String> words = ShellWords.words(here(line));
            int firstFlag = 0;
            while (firstFlag < words.size() && !words.get(firstFlag).startsWith("--")) {
                String[] assignment = words.get(firstFlag).split("=", 2);
                if (assignment.length == 2) {
                    environment.put(assignment[0], assignment[1]);
                }
                firstFlag++;
            }
            flags.addAll(words.subList(firstFlag, words.size()));
            return this;
        }

        /** A setting that the older proxy's page does not have. */
        Setup variable(String name, String value) {
            environment.put(name, value);
            return this;
        }

        private String here(String text) {
            String moved = text.replace(OPENROUTER, upstream.baseUrl().toString());
            namesUpstream |= !moved.equals(text);
            String whole = moved.replaceAll("\\b" + oldPort + "\\b", Integer.toString(port));
            namesPort |= !whole.equals(moved);
            return whole;
        }

        Successor start() {
            Starter starter = new Starter();
            int exit = run(starter);
            Successor started = starter.started;
            if (exit != 0 || started == null) {
                upstream.close();
                throw new AssertionError("did not start: exit code " + exit + "\n" + told);
            }
            assertThat(started.port).describedAs("the port of the setup").isEqualTo(port);
            return started;
        }

        /** Starts it where it must refuse to start; the lines that say why. */
        List<String> refused() {
            try {
                assertThat(run(new Starter())).isEqualTo(1);
                return told.toString().lines().toList();
            } finally {
                upstream.close();
            }
        }

        private int run(Starter starter) {
            if (!namesPort) {
                flags.addAll(List.of("--port", Integer.toString(port)));
            }
            if (!namesUpstream) {
                environment.put("OPENROUTER_BASE_URL", upstream.baseUrl().toString());
            }
            PrintWriter err = new PrintWriter(told);
            CommandContext context = new CommandContext(environment, Map.of(), home, err, err);
            return KeywayCommand.run(flags.toArray(String[]::new), context, starter);
        }

        private final class Starter extends NoDoors {
            private @Nullable Successor started;

            @Override
            public int gateway(ConfigSource loaded, CommandContext context) {
                GatewayContextListener wiring = new GatewayContextListener(loaded);
                try {
                    StandaloneServer server =
                            StandaloneServer.start(loaded.config().server(), wiring);
                    wiring.report(List.of("http://localhost:" + server.port()));
                    started = new Successor(Setup.this, server, wiring);
                    return 0;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private static class NoDoors implements Doors {
        @Override
        public int gateway(ConfigSource loaded, CommandContext context) {
            throw new AssertionError("the gateway was started");
        }

        @Override
        public int demo(ConfigInputs inputs, CommandContext context) {
            throw new AssertionError("the demo was started");
        }

        @Override
        public int sandbox(SandboxFlags sandbox, CommandContext context) {
            throw new AssertionError("the stand-in was started");
        }
    }

    /** Asks on a connection of its own, as a client on this machine does. */
    Answer ask(HttpCall call) throws IOException {
        assertThat(call.url().getHost()).isEqualTo("localhost");
        try (WireClient client = WireClient.to(port)) {
            Answer answer = client.send(call.bytes("localhost:" + port)).answer();
            assertThat(answer.whole()).describedAs("whole: %s", answer).isTrue();
            return answer;
        }
    }

    /** Asks for a page without more than curl sends. */
    Answer get(String path, String... headers) throws IOException {
        HttpCall call = CurlLines.one("curl http://localhost:" + port + path);
        for (String header : headers) {
            call = call.with(header);
        }
        return ask(call);
    }

    /** Asks, and takes care that the answer is the upstream's as it came. */
    Answer relayed(HttpCall call) throws IOException {
        Answer answer = ask(call);
        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(last().responseBody());
        return answer;
    }

    /** The upstream's next answers to requests with this key. */
    void upstreamAnswers(String key, Reply... replies) {
        upstream.script(key, replies);
    }

    /** The last request that reached the upstream. */
    Received last() {
        List<Received> all = upstream.received();
        assertThat(all).describedAs("what reached the upstream").isNotEmpty();
        return all.get(all.size() - 1);
    }

    /** Its body. */
    JsonNode lastBody() throws IOException {
        return JSON.readTree(last().body());
    }

    /** The keys that the upstream saw, in order. */
    List<String> keysSeen() {
        return upstream.received().stream()
                .map(received -> String.valueOf(received.header("Authorization")))
                .toList();
    }

    /** Every model of the upstream, with every member it has there. */
    void assertListsTheUpstreamsModels(Answer answer) throws IOException {
        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
        JsonNode listed = json(answer).get("data");
        JsonNode expected;
        try (WireClient client = WireClient.to(upstream.port())) {
            expected = json(client.request("GET", "/api/v1/models").answer()).get("data");
        }
        assertThat(expected).isNotEmpty();
        assertThat(listed).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            JsonNode model = listed.get(i);
            for (Map.Entry<String, JsonNode> member : expected.get(i).properties()) {
                assertThat(model.get(member.getKey()))
                        .describedAs(member.getKey())
                        .isEqualTo(member.getValue());
            }
        }
    }

    /** Another command of the same program in the same folder, at which this is typed; what it prints. */
    String command(String typed, String... words) {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out);
        Terminal person = new Terminal() {
            @Override
            public boolean isPresent() {
                return true;
            }

            @Override
            public Optional<String> askSecret(String question) {
                writer.println(question + "_");
                return Optional.of(typed);
            }

            @Override
            public Optional<String> ask(String question) {
                return askSecret(question);
            }

            @Override
            public InputStream piped() {
                return InputStream.nullInputStream();
            }
        };
        CommandContext context = new CommandContext(
                Map.of(), Map.of(), home, writer, writer, person, InstantSource.system(), ZoneId.systemDefault());
        int exit = KeywayCommand.run(words, context, new NoDoors());
        assertThat(exit).describedAs(out.toString()).isZero();
        return out.toString();
    }

    /** What a setting is and where that was said, as the running gateway tells: {@code 30s from .env:3 (NAME)}. */
    String setting(String path) throws IOException {
        for (JsonNode setting : json(get("/admin/config")).get("settings")) {
            if (setting.get("path").textValue().equals(path)) {
                return setting.get("value").asText() + " from "
                        + setting.get("source").textValue();
            }
        }
        throw new AssertionError("no setting " + path);
    }

    /** All files that it wrote, as text. */
    String written() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }

    static JsonNode json(Answer answer) throws IOException {
        return JSON.readTree(answer.body());
    }

    static JsonNode json(String text) throws IOException {
        return JSON.readTree(text);
    }

    /** A whole answer of OpenRouter's. */
    static Reply chat(String model, String content) {
        return Reply.json(200, """
                {"id":"gen-1795100400-Qm4Zt8Lr2VxKp7Wd1Hns","object":"chat.completion","created":1795100400,\
                "model":"%s","provider":"Stand-in","choices":[{"index":0,"logprobs":null,"finish_reason":"stop",\
                "native_finish_reason":"stop","message":{"role":"assistant","content":"%s","refusal":null}}],\
                "usage":{"prompt_tokens":10,"completion_tokens":15,"total_tokens":25,"cost":0.0000093}}""".formatted(model, content));
    }

    /** The same as a stream, a piece an event. */
    static Reply stream(String model, String... pieces) {
        String event = "data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"created\":1795100400,"
                + "\"model\":\"" + model + "\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
                + "\"%s\"},\"finish_reason\":null}]}\n\n";
        StringBuilder events = new StringBuilder(": OPENROUTER PROCESSING\n\n");
        Arrays.stream(pieces).map(event::formatted).forEach(events::append);
        return Reply.sse(events + "data: [DONE]\n\n");
    }

    /** Stops in order; all that is to be written is on the disk then. */
    void stop() {
        wiring.close();
        server.stop(Duration.ZERO);
    }

    @Override
    public void close() {
        stop();
        upstream.close();
    }
}
