package dev.keyway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.docs.PromQl.Series;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.Post;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dashboard and alert rules ask for series that a gateway really has. */
class MonitoringFilesTest {
    private static final String DASHBOARD = "grafana/dashboards/keyway.json";
    private static List<Series> exposed = List.of();

    /** A gateway that has answered, refused, and failed. */
    @BeforeAll
    static void scrape(@TempDir Path home) throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway = RunningKeyway.before(upstream.baseUrl(), home, Map.of())) {
            for (String model : List.of("deepseek/deepseek-r1", "sandbox/404", "sandbox/500")) {
                Post.json(keyway.url("/v1/chat/completions"), Post.chat(model, false));
            }
            exposed = PromQl.exposed(Post.get(keyway.url("/metrics/raw")).body());
        }
    }

    @Test
    void every_query_of_the_dashboard_finds_a_series() throws IOException {
        JsonNode dashboard = DeployFiles.yaml(DASHBOARD);
        List<String> queries = new ArrayList<>();
        dashboard.findValues("expr").forEach(query -> queries.add(query.asText()));
        dashboard
                .at("/templating/list")
                .findValues("definition")
                .forEach(query -> queries.add(query.asText().replaceFirst("label_values\\((.*), \\w+\\)", "$1")));

        assertThat(queries).hasSizeGreaterThan(20).allSatisfy(MonitoringFilesTest::assertFound);
    }

    @Test
    void every_alert_watches_a_series_that_exists_and_says_what_to_do() throws IOException {
        List<JsonNode> rules = new ArrayList<>();
        DeployFiles.yaml("prometheus/alerts.yml").at("/groups/0/rules").forEach(rules::add);

        assertThat(rules).hasSizeGreaterThan(6).allSatisfy(rule -> {
            assertFound(rule.path("expr").asText());
            assertThat(rule.at("/annotations/summary").asText()).isNotEmpty();
            assertThat(rule.at("/annotations/description").asText()).isNotEmpty();
            assertThat(rule.at("/labels/severity").asText()).isIn("critical", "warning");
        });
        String tried = DeployFiles.text("prometheus/alerts.test.yml");
        assertThat(rules)
                .allSatisfy(rule -> assertThat(tried)
                        .contains("alertname=\"" + rule.path("alert").asText() + "\""));
    }

    private static void assertFound(String query) {
        List<Series> asked = PromQl.asked(query);
        assertThat(asked).describedAs(query).isNotEmpty().allSatisfy(series -> {
            // Prometheus' own word for whether a target answered
            if (!series.name().equals("up")) {
                assertThat(exposed).describedAs(series.toString()).anyMatch(series::asksFor);
            }
        });
    }

    @Test
    void panels_of_the_dashboard_have_a_source_a_place_and_a_word_of_explanation() throws IOException {
        JsonNode dashboard = DeployFiles.yaml(DASHBOARD);
        Set<String> cells = new HashSet<>();
        Set<Integer> ids = new HashSet<>();

        assertThat(dashboard.path("panels")).hasSizeGreaterThan(15).allSatisfy(panel -> {
            assertThat(ids.add(panel.path("id").asInt())).isTrue();
            assertThat(cellsOf(panel.path("gridPos")))
                    .allSatisfy(cell -> assertThat(cells.add(cell))
                            .describedAs("place of %s", panel.path("title"))
                            .isTrue());
            if (!panel.path("type").asText().equals("row")) {
                assertThat(panel.path("description").asText()).endsWith(".");
                assertThat(panel.findValuesAsText("uid")).isNotEmpty().containsOnly("${datasource}");
            }
        });
        assertThat(dashboard.at("/templating/list").findValuesAsText("name")).containsExactly("datasource", "instance");
    }

    private static List<String> cellsOf(JsonNode place) {
        int right = place.path("x").asInt() + place.path("w").asInt();
        assertThat(right).isLessThanOrEqualTo(24);
        return Stream.iterate(place.path("x").asInt(), x -> x < right, x -> x + 1)
                .flatMap(x -> Stream.iterate(place.path("y").asInt(), y -> y + 1)
                        .limit(place.path("h").asInt())
                        .map(y -> x + " " + y))
                .toList();
    }

    @Test
    void what_is_provisioned_in_grafana_is_where_compose_puts_it() throws IOException {
        JsonNode services = DeployFiles.yaml("compose.yaml").path("services");
        String source = DeployFiles.yaml("grafana/provisioning/datasources/prometheus.yml")
                .at("/datasources/0/url")
                .asText();
        String folder = DeployFiles.yaml("grafana/provisioning/dashboards/keyway.yml")
                .at("/providers/0/options/path")
                .asText();

        assertThat(DeployFiles.words(services.at("/prometheus/ports"))).containsExactly("127.0.0.1:9090:9090");
        assertThat(source).isEqualTo("http://prometheus:9090");
        assertThat(DeployFiles.words(services.at("/grafana/volumes")))
                .contains(
                        "./grafana/dashboards:" + folder + ":ro",
                        "./grafana/provisioning:/etc/grafana/provisioning:ro");
        String secret = DeployFiles.words(services.at("/prometheus/secrets")).get(0);
        assertThat(DeployFiles.yaml("prometheus/prometheus.yml")
                        .at("/scrape_configs/0/authorization/credentials_file")
                        .asText())
                .isEqualTo("/run/secrets/" + secret);
    }
}
