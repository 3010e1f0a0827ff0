package dev.keyway.app;

import dev.keyway.inference.InferenceServlet;
import dev.keyway.observe.HealthServlet;
import jakarta.servlet.http.HttpServlet;
import java.util.List;

/**
 * Every path Keyway answers, who answers it and who may ask: one table, and nothing is served that is not in it.
 *
 * @param rows in no particular order; the servlet container picks the longest match
 */
public record Endpoints(List<Row> rows) {
    public Endpoints {
        rows = List.copyOf(rows);
    }

    /** Who may call. */
    public enum Who {
        /** Anybody. */
        ANYONE,
        /** Whom the access rules of the data API let in. */
        CLIENTS,
        /** Who may administer. */
        ADMIN,
        /** Who may read the metrics. */
        METRICS
    }

    /**
     * One endpoint.
     *
     * @param patterns servlet URL patterns within the context
     */
    public record Row(String name, List<String> patterns, Who who, HttpServlet servlet) {
        public Row {
            patterns = List.copyOf(patterns);
        }
    }

    /** The table; a new endpoint gets its row here. */
    static Endpoints of(
            HttpServlet upstream,
            HttpServlet inference,
            HttpServlet health,
            HttpServlet metrics,
            HttpServlet admin,
            HttpServlet root) {
        return new Endpoints(List.of(
                new Row("openrouter", List.of("/v1/*", "/api/v1/*"), Who.CLIENTS, upstream),
                new Row("inference", InferenceServlet.PATHS, Who.CLIENTS, inference),
                new Row("health", HealthServlet.PATHS, Who.ANYONE, health),
                new Row("metrics", List.of("/metrics/raw"), Who.METRICS, metrics),
                new Row("openapi", List.of(OpenApiServlet.PATH), Who.ANYONE, new OpenApiServlet()),
                new Row("admin", List.of("/admin/*"), Who.ADMIN, admin),
                new Row(
                        "container-error",
                        List.of(ContainerErrorServlet.PATH),
                        Who.ANYONE,
                        new ContainerErrorServlet()),
                // As a path pattern it also wins over a container's own *.jsp, so that nothing is served by accident.
                new Row("root", List.of("/*"), Who.ANYONE, root)));
    }

    /** The names of the servlets that such a caller may reach. */
    List<String> namesOf(Who who) {
        return rows.stream().filter(row -> row.who() == who).map(Row::name).toList();
    }
}
