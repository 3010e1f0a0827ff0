package dev.keyway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.Post;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code config diff} beside a gateway that runs in the home folder. */
class ConfigDiffTest {
    private static final String KEY = "sk-or-v1-" + "5a5a".repeat(16);

    @TempDir
    private Path home;

    private CommandRun command;
    private Sandbox upstream;
    private RunningKeyway keyway;

    @BeforeEach
    void start() throws Exception {
        command = new CommandRun(home);
        upstream = Sandbox.start(SandboxOptions.forTests());
        keyway = RunningKeyway.before(upstream.baseUrl(), home, Map.of("server.log_level", "ERROR"));
        // Nobody told it its address, as in a container.
        Post.get(keyway.url("/health"));
    }

    @AfterEach
    void stop() {
        keyway.close();
        upstream.close();
        assertThat(command.everything()).doesNotContain(KEY);
    }

    private void write(String... yaml) throws IOException {
        Files.writeString(home.resolve("new.yml"), String.join("\n", yaml) + "\n");
    }

    private String gateway() {
        return "the gateway at " + keyway.url("");
    }

    @Test
    void each_difference_is_told_with_its_line_and_whether_it_waits_for_a_restart() throws IOException {
        write("server:", "  max_body: 100MB", "model_aliases:", "  - ^m$=a/b", "openrouter: {keys: [" + KEY + "]}");

        assertThat(command.run("config", "diff", "new.yml")).isZero();

        // The keys are on the gateway's own command line, which the file can't take away.
        assertThat(command.out())
                .containsExactly(
                        "server.max_body:",
                        "  - 50MB",
                        "  + 100MB  # new.yml:2; counts at the next start",
                        "model_aliases:",
                        "  - []",
                        "  + [^m$=a/b]  # new.yml:3",
                        "2 differences from " + gateway() + ".");
        assertThat(command.err()).isEmpty();
    }

    @Test
    void without_a_difference_it_says_so() throws IOException {
        write("# nothing");

        assertThat(command.run("config", "diff", "new.yml")).isZero();
        assertThat(command.out()).containsExactly("No difference from " + gateway() + ".");
    }

    @Test
    void a_file_as_large_as_a_gateway_reads_is_compared_quotes_and_all() throws IOException {
        write("usage_injection: false", "# " + "\"\\\t".repeat(300_000));

        assertThat(command.run("config", "diff", "new.yml"))
                .describedAs("%s", command.err())
                .isZero();
        assertThat(command.out()).contains("1 difference from " + gateway() + ".");
    }

    @Test
    void scripts_get_json() throws IOException {
        write("usage_injection: false");

        assertThat(command.run("config", "diff", "--json", "new.yml")).isZero();
        assertThat(Json.read(String.join("\n", command.out()))
                        .at("/changes/0/path")
                        .asText())
                .isEqualTo("usage_injection");
    }

    @Test
    void problems_are_listed_one_a_line() throws IOException {
        write("a: 1", "b: 2", "c: 3", "d: 4", "openrouter: {keys: [x" + KEY + "]}");

        assertThat(command.run("config", "diff", "new.yml")).isEqualTo(1);
        assertThat(command.out()).isEmpty();
        assertThat(command.err()).hasSize(4).contains("new.yml:4: d: unknown setting");
    }

    @Test
    void what_can_not_be_asked_is_told() throws IOException {
        assertThat(command.run("config", "diff", "none.yml")).isEqualTo(1);
        assertThat(command.err()).containsExactly("none.yml can't be read: NoSuchFileException");

        write("# " + "x".repeat(1024 * 1024));
        assertThat(command.run("config", "diff", "new.yml")).isEqualTo(1);
        assertThat(command.err()).containsExactly("new.yml is larger than 1 MiB");

        Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
        write("# nothing");
        assertThat(command.run("config", "diff", "--home", elsewhere.toString(), "new.yml"))
                .isEqualTo(1);
        assertThat(command.err()).singleElement().asString().startsWith("no gateway runs in home " + elsewhere);

        assertThat(command.run("config", "diff", "--url", "http://127.0.0.1:1", "new.yml"))
                .isEqualTo(1);
        assertThat(command.err()).containsExactly("nothing answers at http://127.0.0.1:1");
    }
}
