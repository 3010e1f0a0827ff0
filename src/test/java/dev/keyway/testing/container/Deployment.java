package dev.keyway.testing.container;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The WAR in one container at one place: what integration tests are parameterised over.
 *
 * @param contextPath {@code /keyway}, or empty for the root
 */
public record Deployment(Distribution distribution, String contextPath) {
    /** Every container once, as root. */
    public static List<Deployment> atRoot() {
        return Distribution.all().stream().map(d -> new Deployment(d, "")).toList();
    }

    /** Every container once, as {@code /keyway}: for checks that the place can't change. */
    public static List<Deployment> oneOfEach() {
        return Distribution.all().stream()
                .map(d -> new Deployment(d, "/keyway"))
                .toList();
    }

    /** The name its files have. */
    public String name() {
        return contextPath.isEmpty() ? "ROOT" : contextPath.substring(1);
    }

    /**
     * Starts a fresh instance and waits until it answers.
     *
     * @param environment beside what every process needs; nothing else of this process's environment is handed on
     */
    public StockContainer start(Map<String, String> environment) throws IOException, InterruptedException {
        return start(environment, base -> {});
    }

    /** The same, after a test put files of its own into the instance or changed the container's settings. */
    public StockContainer start(Map<String, String> environment, Preparation preparation)
            throws IOException, InterruptedException {
        return StockContainer.start(this, environment, preparation);
    }

    /** What a test does to an instance before it starts. */
    public interface Preparation {
        /** {@code base} is {@code jetty.base} or {@code catalina.base}; the WAR is in place. */
        void on(Path base) throws IOException;
    }

    @Override
    public String toString() {
        return distribution + " at " + (contextPath.isEmpty() ? "/" : contextPath);
    }
}
