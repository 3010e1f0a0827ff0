package dev.keyway.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.StockContainer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The file that {@code java -jar} runs, copied into the {@code webapps} of stock containers as root; elsewhere: WireChecksIT. */
public class WarInContainersIT {
    /** What stands in the file and is for nobody to see. */
    public static final List<String> HIDDEN = List.of(
            "/dev/keyway/launch/Launcher.class",
            "/dev/keyway/launch/ExecutableWar.class",
            "/WEB-INF/web.xml",
            "/WEB-INF/lib-standalone/",
            "/META-INF/MANIFEST.MF",
            "/META-INF/THIRD-PARTY.txt");

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    Path home;

    @ParameterizedTest
    @MethodSource("dev.keyway.testing.container.Deployment#atRoot")
    void the_war_answers_hides_its_insides_and_ends_with_its_container(Deployment deployment) throws Exception {
        ProcessHandle process;
        StockContainer stopped;
        try (StockContainer container = deployment.start(Map.of("KEYWAY_HOME", home.toString()))) {
            stopped = container;
            process = container.handle();

            assertThat(get(container, "/health").statusCode())
                    .describedAs(container.log())
                    .isEqualTo(200);
            container.report("answers /health");

            for (String path : HIDDEN) {
                HttpResponse<String> answer = get(container, path);
                assertThat(answer.statusCode()).describedAs(path).isEqualTo(404);
                assertThat(answer.body()).doesNotContain("\tat ", "Main-Class", "<web-app");
            }
            container.report("hides " + HIDDEN);

            HttpResponse<String> encodedSlash = get(container, "/no/such%2Froute");
            assertThat(encodedSlash.statusCode()).isEqualTo(404);
            assertThat(encodedSlash.headers().firstValue("Content-Type"))
                    .describedAs("Keyway's own 404, not the container's")
                    .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
            container.report("hands on %2F");

            assertThat(container.log()).doesNotContain("SEVERE", "memory leak");
        }

        assertThat(process.isAlive()).isFalse();
        Assertions.assertThatThrownBy(() -> get(stopped, "/health")).isInstanceOf(ConnectException.class);
    }

    private HttpResponse<String> get(StockContainer container, String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(container.uri(path)).build(), BodyHandlers.ofString());
    }
}
