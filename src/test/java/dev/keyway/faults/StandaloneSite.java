package dev.keyway.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Each gateway in this process, in the server that {@code java -jar} starts. */
final class StandaloneSite implements Site {
    /** Half of {@code server.drain_timeout}: who needs longer has lost a request. */
    private static final Duration DRAINED = Duration.ofSeconds(5);

    private final Map<String, RunningKeyway> running = new LinkedHashMap<>();
    private final Path folder;

    StandaloneSite(Path folder, Upstreams upstreams) throws IOException {
        this.folder = folder;
        for (Map.Entry<String, Map<String, String>> gateway :
                upstreams.settings().entrySet()) {
            String url = gateway.getValue().get("openrouter.base_url");
            running.put(
                    gateway.getKey(),
                    RunningKeyway.before(URI.create(url), home(gateway.getKey()), gateway.getValue()));
        }
    }

    @Override
    public int port(String gateway) {
        return running.get(gateway).port();
    }

    @Override
    public String prefix(String gateway) {
        return "";
    }

    @Override
    public Path home(String gateway) {
        return folder.resolve(gateway);
    }

    @Override
    public String output() {
        return "";
    }

    @Override
    public void close() {
        running.forEach((name, keyway) -> {
            long begun = System.nanoTime();
            keyway.close();
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .describedAs("the time that %s took to drain", name)
                    .isLessThan(DRAINED);
        });
    }
}
