package dev.keyway.safety;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.keyway.sandbox.Reply;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.ContactRecorder;
import dev.keyway.testing.ForwardProxy;
import dev.keyway.testing.ForwardProxy.Kind;
import dev.keyway.testing.Post;
import dev.keyway.testing.RunningKeyway;
import dev.keyway.testing.SilentPeer;
import dev.keyway.testing.container.Distribution;
import dev.keyway.testing.container.InstalledJava;
import dev.keyway.testing.container.KeywayProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whom the program contacts, from its start to its end: nobody but the configured upstream, or the proxy to it.
 *
 * <p>Recorded by {@link ContactRecorder}, which needs a Java from 17 to 23; on a machine without one the first test is
 * skipped. The others look from outside, on any Java.
 */
@SuppressWarnings("try") // what is opened is used by what is asked
class ContactsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LAST_WITH_A_SECURITY_MANAGER = 23;
    private static final String CHAT = "/v1/chat/completions";
    private static final String PROXY_PASSWORD = "pr0xyCanary-Bd5Kw9";

    @TempDir
    Path home;

    @Test
    void only_the_name_and_the_address_of_the_upstream_are_ever_asked_for() throws Exception {
        Optional<Path> java = javaWithSecurityManager();
        assumeThat(java).describedAs("a Java from 17 to 23").isPresent();
        Path contacts = home.resolve("contacts.txt");
        List<String> atStart;
        URI upstreamUrl;
        try (SilentPeer elsewhere = SilentPeer.start();
                Sandbox upstream = Sandbox.start(SandboxOptions.forTests())) {
            upstreamUrl = URI.create("http://localhost:" + upstream.port() + "/api/v1");
            try (KeywayProcess keyway = KeywayProcess.in(home)
                    .java(java.orElseThrow())
                    .option("-Djava.security.manager=" + ContactRecorder.class.getName())
                    .option("-Dcontacts.file=" + contacts)
                    .program(
                            "-cp",
                            Distribution.property("keyway.war") + ":" + testClasses(),
                            "dev.keyway.launch.Launcher")
                    .before(upstreamUrl)
                    .environment("http_proxy", "http://127.0.0.1:" + elsewhere.port())
                    .environment("HTTPS_PROXY", "http://127.0.0.1:" + elsewhere.port())
                    .serve()) {
                Post.get(keyway.url("/health"));
                Post.get(keyway.url("/"));
                atStart = Files.readAllLines(contacts);
                everyKindOfRequest(keyway, upstream, elsewhere);
                keyway.terminate();
                assertThat(keyway.awaitExit(PATIENCE)).isZero();
            }
            assertThat(upstream.received())
                    .describedAs("eight requests, of which the refused one is sent twice")
                    .hasSize(9);
            assertThat(elsewhere.connections()).isZero();
        }

        assertThat(atStart).noneMatch(line -> line.startsWith("connect "));
        List<String> all = Files.readAllLines(contacts);
        assertThat(all.stream().filter(line -> !line.startsWith("accept ")).distinct())
                .contains("lookup localhost")
                .allMatch(line -> line.equals("lookup localhost")
                        || line.matches("listen [0-9]+")
                        || line.matches(
                                "connect (127\\.0\\.0\\.1|localhost|0:0:0:0:0:0:0:1|::1):" + upstreamUrl.getPort()));
        assertThat(all).contains("connect 127.0.0.1:" + upstreamUrl.getPort());
    }

    private static void everyKindOfRequest(KeywayProcess keyway, Sandbox upstream, SilentPeer elsewhere)
            throws Exception {
        Post.json(keyway.url(CHAT), Post.chat("openai/gpt-4o-mini", false));
        Post.json(keyway.url(CHAT), Post.chat("openai/gpt-4o-mini$think.high", true));
        Post.json(keyway.url(CHAT), Post.chat("sandbox/cut", true));
        Post.json(keyway.url(CHAT), Post.chat("sandbox/502", false));
        Post.get(keyway.url("/v1/models"));
        Post.get(keyway.url("/v1/key"));
        upstream.script(
                RunningKeyway.POOL_KEY,
                Reply.of(307, "text/plain", new byte[0])
                        .withHeader("Location", "http://127.0.0.1:" + elsewhere.port() + "/"));
        Post.json(keyway.url(CHAT), Post.chat("openai/gpt-4o-mini", false));
        upstream.script(RunningKeyway.POOL_KEY, Reply.fault("401"));
        Post.json(keyway.url(CHAT), Post.chat("openai/gpt-4o-mini", false));
        Post.get(keyway.url("/nowhere"));
        Post.get(keyway.url("/health"));
    }

    @Test
    void its_open_sockets_are_its_port_and_those_to_the_upstream() throws Exception {
        Path sockets = Path.of("/proc/self/net/tcp");
        assumeThat(Files.isReadable(sockets)).describedAs("a Linux").isTrue();
        for (Path java : InstalledJava.homes()) {
            try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                    KeywayProcess keyway = KeywayProcess.in(home)
                            .java(java)
                            .before(upstream.baseUrl())
                            .serve()) {
                long pid = keyway.process().pid();
                int port = keyway.url("/").getPort();
                assertThat(OpenSockets.of(pid)).containsExactly("listen " + port);

                Post.json(keyway.url(CHAT), Post.chat("openai/gpt-4o-mini", true));
                List<String> afterwards = OpenSockets.of(pid);

                assertThat(afterwards)
                        .contains("listen " + port, "to 127.0.0.1:" + upstream.port())
                        .allMatch(line -> line.equals("listen " + port)
                                || line.equals("to 127.0.0.1:" + upstream.port())
                                || line.equals("at " + port));
                keyway.terminate();
                await().atMost(PATIENCE).until(() -> !keyway.process().isAlive());
            }
        }
    }

    /** The upstream's name exists for the proxy alone, so a lookup of it would fail, and show. */
    @ParameterizedTest
    @EnumSource
    void with_an_outgoing_proxy_its_open_sockets_are_its_port_and_those_to_the_proxy(Kind kind) throws Exception {
        assumeThat(Path.of("/proc/self/net/tcp")).describedAs("a Linux").isReadable();
        String login = ForwardProxy.USER + ":" + PROXY_PASSWORD;
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                ForwardProxy proxy = ForwardProxy.start(kind, home, PROXY_PASSWORD);
                KeywayProcess keyway = KeywayProcess.in(home)
                        .before(ForwardProxy.knownToIt(upstream.baseUrl()))
                        .environment("KEYWAY_REQUEST_PROXY_ENABLED", "true")
                        .environment("KEYWAY_REQUEST_PROXY_URL", proxy.url(login))
                        .serve()) {
            int port = keyway.url("/").getPort();
            long pid = keyway.process().pid();
            assertThat(OpenSockets.of(pid)).containsExactly("listen " + port);

            Post.json(keyway.url(CHAT), Post.chat("openai/gpt-4o-mini", true));
            List<String> afterwards = OpenSockets.of(pid);

            assertThat(upstream.received()).hasSize(1);
            assertThat(afterwards)
                    .contains("listen " + port, "to 127.0.0.1:" + proxy.port())
                    .allMatch(line -> line.equals("listen " + port)
                            || line.equals("to 127.0.0.1:" + proxy.port())
                            || line.equals("at " + port));
            assertThat(keyway.output() + keyway.errors())
                    .containsPattern("upstream: proxy=\\w+://\\*\\*\\*@127\\.0\\.0\\.1:" + proxy.port())
                    .doesNotContain(PROXY_PASSWORD);
            keyway.terminate();
            await().atMost(PATIENCE).until(() -> !keyway.process().isAlive());
        }
    }

    private static Optional<Path> javaWithSecurityManager() throws IOException {
        for (Path java : InstalledJava.homes()) {
            if (InstalledJava.version(java) <= LAST_WITH_A_SECURITY_MANAGER) {
                return Optional.of(java);
            }
        }
        return Optional.empty();
    }

    private static Path testClasses() throws Exception {
        return Path.of(ContactRecorder.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    /** The network sockets that a process holds, as Linux tells them. */
    private static final class OpenSockets {
        private static final String LISTENING = "0A";

        private OpenSockets() {}

        /** {@code listen port}, {@code at port} for those a client opened, {@code to address:port}. */
        static List<String> of(long pid) throws IOException {
            List<String> inodes = new ArrayList<>();
            try (var files = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
                for (Path file : files) {
                    String target = Files.exists(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)
                            ? Files.readSymbolicLink(file).toString()
                            : "";
                    if (target.startsWith("socket:[")) {
                        inodes.add(target.substring("socket:[".length(), target.length() - 1));
                    }
                }
            }
            List<String[]> rows = new ArrayList<>();
            for (String table : List.of("tcp", "tcp6", "udp", "udp6")) {
                for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/net/" + table))) {
                    String[] columns = line.strip().split("\\s+");
                    if (columns.length > 9 && inodes.contains(columns[9])) {
                        rows.add(columns);
                    }
                }
            }
            List<Integer> listening = rows.stream()
                    .filter(row -> row[3].equals(LISTENING))
                    .map(row -> port(row[1]))
                    .toList();
            return rows.stream()
                    .map(row -> {
                        if (row[3].equals(LISTENING)) {
                            return "listen " + port(row[1]);
                        }
                        return listening.contains(port(row[1])) ? "at " + port(row[1]) : "to " + address(row[2]);
                    })
                    .distinct()
                    .toList();
        }

        private static int port(String hex) {
            return Integer.parseInt(hex.substring(hex.indexOf(':') + 1), 16);
        }

        /** The kernel writes an address in words of the machine's byte order; IPv4 may stand in the last of four. */
        private static String address(String hex) {
            String words = hex.substring(0, hex.indexOf(':'));
            String last = words.substring(words.length() - 8);
            List<String> bytes = new ArrayList<>();
            for (int i = 6; i >= 0; i -= 2) {
                bytes.add(Integer.toString(Integer.parseInt(last.substring(i, i + 2), 16)));
            }
            return String.join(".", bytes) + ":" + port(hex);
        }
    }
}
