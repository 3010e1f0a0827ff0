package dev.keyway.bench;

import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.Distribution;
import dev.keyway.testing.container.StockContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Keyway's WAR against a WAR of Jetty's own proxy servlet, each alone in a stock container of the same kind. */
record Containers(Distribution distribution, Path target) {
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final Duration CELL = Duration.ofSeconds(3);
    private static final List<Integer> CONNECTIONS = List.of(16, 64);
    private static final int ROUNDS = 3;

    static List<Containers> all(Path target) {
        return Distribution.all().stream()
                .map(distribution -> new Containers(distribution, target))
                .toList();
    }

    /** The table of this container. */
    String measure(Servers servers, Path work, long deadlineNanos, List<String> complaints)
            throws IOException, InterruptedException {
        Table table = new Table(
                List.of(Servers.DIRECT, Servers.BARE, Servers.ON), List.of(new Table.Ratio(Servers.ON, Servers.BARE)));
        Stages stages = new Stages(table, work, deadlineNanos);
        Deployment.Preparation swap = base -> {
            Path war = base.resolve("webapps").resolve("bare.war");
            Files.delete(war);
            BareWar.write(war, target, servers.upstreamPort());
        };
        Deployment.Preparation configure = base -> Files.writeString(
                Files.createDirectories(base.resolve("keyway")).resolve("keyway.yml"), servers.everythingOn());
        String version;
        try (StockContainer bare = new Deployment(distribution, "/bare").start(Map.of(), swap);
                StockContainer keyway = new Deployment(distribution, "/keyway").start(Map.of(), configure)) {
            version = keyway.version();
            Target bareTarget = Servers.bare(Servers.BARE, bare.port(), "/bare", bare.javaPid());
            Target keywayTarget = Servers.on(Servers.ON, keyway.port(), "/keyway", keyway.javaPid());
            FirstAnswer.await(bareTarget);
            FirstAnswer.await(keywayTarget);
            List<Target> both = List.of(bareTarget, keywayTarget);
            for (Target server : both) {
                stages.warmUp(server, WARM_UP);
            }
            stages.requests(servers.direct(), both, ROUNDS, CONNECTIONS, CELL);
        }
        stages.complaints().forEach(complaint -> complaints.add(version + ": " + complaint));
        return version + ":\n\n" + table.markdown();
    }
}
