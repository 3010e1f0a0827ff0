package dev.keyway.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.StockContainer;
import dev.keyway.testing.container.WireClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A WAR whose configuration is wrong: it does not start, and the container's log says all that is wrong, once. */
class BrokenConfigurationIT {
    private static final String PLANTED = "sk-or-v1-planted with blanks 0123456789abcdef";
    private static final List<String> PROBLEMS =
            List.of("server.port", "server.acces_key", "upstream.hold", "openrouter.keys", "KEYWAY_SERVER_NONSENSE");

    @ParameterizedTest
    @MethodSource("dev.keyway.testing.container.Deployment#oneOfEach")
    void every_problem_stands_once_in_the_containers_log(Deployment deployment) throws Exception {
        Map<String, String> environment = Map.of("KEYWAY_SERVER_NONSENSE", "1", "OPENROUTER_API_KEY", PLANTED);
        try (StockContainer container = deployment.start(environment, BrokenConfigurationIT::breakIt);
                WireClient client = WireClient.to(container.port())) {
            assertThat(client.request("GET", container.contextPath() + "/health")
                            .answer()
                            .status())
                    .describedAs("not served")
                    .isIn(404, 503);

            String log = logOf(container);
            assertThat(log).contains("Keyway's configuration has problems:");
            for (String problem : PROBLEMS) {
                assertThat(log.lines().filter(line -> line.contains(problem)))
                        .describedAs("%s in %s", problem, log)
                        .hasSize(1);
            }
            assertThat(container.allLogs()).doesNotContain(PLANTED, PLANTED.substring(0, 20));
            assertThat(log.lines().filter(line -> line.startsWith("Caused by")))
                    .describedAs("no chain of causes")
                    .isEmpty();
            container.report("refuses a broken configuration, " + PROBLEMS.size() + " problems, once each");
        }
    }

    private static void breakIt(Path base) throws IOException {
        Files.writeString(Files.createDirectories(base.resolve("keyway")).resolve("keyway.yml"), """
                server:
                  port: 99999999
                  acces_key: a-mistyped-name
                upstream:
                  hold: 5 parsecs
                """);
    }

    /** The console and, of Tomcat, the file in which it tells what happens in its web applications. */
    private static String logOf(StockContainer container) throws IOException {
        StringBuilder text = new StringBuilder(container.log());
        Path logs = container.base().resolve("logs");
        if (Files.isDirectory(logs)) {
            try (Stream<Path> files = Files.list(logs)) {
                for (Path file : files.filter(f -> f.getFileName().toString().startsWith("localhost."))
                        .toList()) {
                    text.append('\n').append(Files.readString(file));
                }
            }
        }
        return text.toString();
    }
}
