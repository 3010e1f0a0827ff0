package dev.keyway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.Ports;
import dev.keyway.testing.container.ChildProcess;
import dev.keyway.testing.container.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The commands of deploy/application-servers.md, done word by word in a stock server, make two gateways that serve. */
class ApplicationServersPageIT {
    private static final Path PAGE = Path.of("deploy", "application-servers.md");
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    private Path folder;

    private enum Server {
        JETTY("JETTY", "jetty-home-" + Distribution.property("jetty.version"), "# Jetty"),
        TOMCAT("CATALINA", "apache-tomcat-" + Distribution.property("tomcat11.version"), "# Tomcat");

        private final String variables;
        private final String distribution;
        private final String heading;

        Server(String variables, String distribution, String heading) {
            this.variables = variables;
            this.distribution = distribution;
            this.heading = heading;
        }

        private String walk() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_the_page_says_works(Server server) throws Exception {
        Path clone = Files.createDirectories(folder.resolve("keyway"));
        Files.createSymbolicLink(clone.resolve("etc"), Path.of(Distribution.property("keyway.etc")));
        Files.createDirectories(clone.resolve("target"));
        Files.createSymbolicLink(
                clone.resolve("target").resolve("keyway.war"), Path.of(Distribution.property("keyway.war")));
        Path base = folder.resolve("instance");
        int port = Ports.free();
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests())) {
            Map<String, String> environment = environment(server, base, port, upstream);
            run("set -eu\n" + String.join("\n", blocks(server.walk())), folder, environment);
            run("set -eu\n" + of(server, blocks("two").get(0)), base, environment);

            String start = blocks(server.walk() + "-start").get(0);
            try (ChildProcess running = ChildProcess.start(
                    List.of("bash", "-c", server == Server.JETTY ? start + " jetty.http.port=" + port : start),
                    folder,
                    environment)) {
                running.await("started two", PATIENCE, child -> starts(child.output()) == 2);
                // Servers open their port when their applications have started.
                running.await("listening", PATIENCE, child -> Ports.isOpen(port));
                for (String name : List.of("keyway", "team-b")) {
                    String answers = run(
                            blocks("try").get(0).replace(":8080/keyway/", ":" + port + "/" + name + "/"),
                            folder,
                            environment);
                    assertThat(answers)
                            .contains("\"status\":\"ok\"", "\"kms_status\":\"up\"")
                            .contains("data: [DONE]");
                    assertThat(base.resolve(name).resolve("logs")).isDirectory();
                }
                assertThat(running.output()).doesNotContain("SEVERE").contains(" INFO [/keyway] ", " INFO [/team-b] ");
            }
        }
    }

    @Test
    void the_versions_that_it_names_are_those_that_are_tested() throws IOException {
        assertThat(Files.readString(PAGE))
                .contains(
                        "Jetty " + Distribution.property("jetty.version"),
                        "Tomcat " + Distribution.property("tomcat10.version"),
                        "Tomcat " + Distribution.property("tomcat11.version"),
                        "jetty-home-" + Distribution.property("jetty.version") + ".tar.gz",
                        "apache-tomcat-" + Distribution.property("tomcat11.version") + ".tar.gz");
    }

    private Map<String, String> environment(Server server, Path base, int port, Sandbox upstream) {
        Map<String, String> environment = new HashMap<>();
        environment.put("HOME", folder.toString());
        environment.put("JAVA_HOME", Distribution.javaHome().toString());
        environment.put("PATH", Distribution.javaHome().resolve("bin") + ":" + System.getenv("PATH"));
        environment.put(
                server.variables + "_HOME",
                Distribution.unpacked(server.distribution).toString());
        environment.put(server.variables + "_BASE", base.toString());
        environment.put("CATALINA_OPTS", "-Dkeyway.http.port=" + port);
        environment.put("OPENROUTER_BASE_URL", upstream.baseUrl().toString());
        return environment;
    }

    private static List<String> blocks(String name) throws IOException {
        List<String> blocks = Pattern.compile("<!-- walk: " + name + " -->\n```bash\n(.+?)\n```", Pattern.DOTALL)
                .matcher(Files.readString(PAGE))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(blocks).describedAs(name).isNotEmpty();
        return blocks;
    }

    /** Of a block for every server, the lines below this one's heading and below "both". */
    private static String of(Server server, String block) {
        return Pattern.compile("(?m)^(?=# )")
                .splitAsStream(block)
                .filter(part -> part.startsWith(server.heading) || part.startsWith("# both"))
                .collect(Collectors.joining());
    }

    private static String run(String script, Path in, Map<String, String> environment) throws Exception {
        try (ChildProcess process = ChildProcess.start(List.of("bash", "-c", script), in, environment)) {
            assertThat(process.awaitExit(PATIENCE))
                    .describedAs("%s\n%s", script, process.output())
                    .isZero();
            return process.output();
        }
    }

    private static long starts(String output) {
        return output.lines().filter(line -> line.contains("Keyway started")).count();
    }
}
