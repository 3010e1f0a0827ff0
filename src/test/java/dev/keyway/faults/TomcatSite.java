package dev.keyway.faults;

import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.Distribution;
import dev.keyway.testing.container.StockContainer;
import dev.keyway.testing.container.WireClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;

/** All gateways in one stock Tomcat: the WAR once for each, with a configuration file in the home of each. */
final class TomcatSite implements Site {
    private static final Duration DEPLOYED = Duration.ofMinutes(2);

    private final StockContainer container;

    TomcatSite(Distribution tomcat, Upstreams upstreams) throws IOException, InterruptedException {
        Deployment first = new Deployment(tomcat, "/" + Upstreams.STAND_IN);
        container = first.start(Map.of(), base -> prepare(base, upstreams));
        for (String gateway : upstreams.settings().keySet()) {
            Awaitility.await(gateway + " is deployed").atMost(DEPLOYED).until(() -> answers(gateway));
        }
    }

    /** Tomcat takes connections before it has deployed anything, and answers them after. */
    private boolean answers(String gateway) {
        try (WireClient client = WireClient.to(container.port())) {
            return client.request("GET", prefix(gateway) + "/health").answer().status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static void prepare(Path base, Upstreams upstreams) throws IOException {
        Path webapps = base.resolve("webapps");
        for (Map.Entry<String, Map<String, String>> gateway :
                upstreams.settings().entrySet()) {
            Path war = webapps.resolve(gateway.getKey() + ".war");
            if (!Files.exists(war)) {
                Files.copy(webapps.resolve(Upstreams.STAND_IN + ".war"), war);
            }
            Path home = Files.createDirectories(base.resolve(gateway.getKey()));
            Files.writeString(home.resolve("keyway.yml"), yaml(gateway.getValue()));
        }
    }

    /** Settings are two levels deep; a list is what has commas. */
    private static String yaml(Map<String, String> settings) {
        Map<String, StringBuilder> sections = new TreeMap<>();
        settings.forEach((path, value) -> {
            int dot = path.indexOf('.');
            String written = path.equals("openrouter.keys") ? "[" + value + "]" : "\"" + value + "\"";
            sections.computeIfAbsent(path.substring(0, dot), name -> new StringBuilder())
                    .append("  ")
                    .append(path.substring(dot + 1))
                    .append(": ")
                    .append(written)
                    .append('\n');
        });
        StringBuilder text = new StringBuilder();
        sections.forEach((name, lines) -> text.append(name).append(":\n").append(lines));
        return text.toString();
    }

    @Override
    public int port(String gateway) {
        return container.port();
    }

    @Override
    public String prefix(String gateway) {
        return "/" + gateway;
    }

    @Override
    public Path home(String gateway) {
        return container.base().resolve(gateway);
    }

    @Override
    public String output() throws IOException {
        return container.allLogs();
    }

    String version() {
        return container.version();
    }

    @Override
    public void close() throws IOException {
        container.close();
    }
}
