package dev.keyway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeywayCommandTest {
    @TempDir
    private Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final RecordingDoors doors = new RecordingDoors();

    /** Starts nothing, remembers what it was told to start. */
    private static class RecordingDoors implements Doors {
        private final List<ConfigSource> gateways = new ArrayList<>();
        private final List<ConfigInputs> demos = new ArrayList<>();
        private final List<SandboxFlags> sandboxes = new ArrayList<>();
        private int answer;

        @Override
        public int gateway(ConfigSource loaded, CommandContext context) {
            gateways.add(loaded);
            return answer;
        }

        @Override
        public int demo(ConfigInputs inputs, CommandContext context) {
            demos.add(inputs);
            return answer;
        }

        @Override
        public int sandbox(SandboxFlags flags, CommandContext context) {
            sandboxes.add(flags);
            return answer;
        }
    }

    private int run(String... args) {
        CommandContext context =
                new CommandContext(environment, Map.of(), folder, new PrintWriter(out), new PrintWriter(err));
        return KeywayCommand.run(args, context, doors);
    }

    @Test
    void without_a_command_the_gateway_runs_with_the_flags_configuration() {
        int exit = run("--port", "0", "--host=::1", "--openrouter-api-key", "sk-or-a", "--timeout", "90");

        assertThat(exit).isZero();
        assertThat(doors.gateways).hasSize(1);
        assertThat(doors.gateways.get(0).config().server().host()).isEqualTo("::1");
        assertThat(doors.gateways.get(0).config().server().port()).isZero();
        assertThat(doors.gateways.get(0).config().keys().keys()).hasSize(1);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void the_gateways_exit_code_is_the_processs() {
        doors.answer = 1;

        assertThat(run()).isEqualTo(1);
        assertThat(run("demo")).isEqualTo(1);
        assertThat(run("sandbox")).isEqualTo(1);
    }

    @Test
    void problems_go_to_stderr_one_a_line_and_nothing_starts() throws IOException {
        Files.writeString(folder.resolve("keyway.yml"), "server:\n  port: x\nsurprise: 1\n");

        int exit = run("--log-level", "LOUD");

        assertThat(exit).isEqualTo(1);
        assertThat(err.toString().lines())
                .containsExactly(
                        "keyway.yml:2: server.port: \"x\" is not a whole number from 0 to 65535",
                        "keyway.yml:3: surprise: unknown setting",
                        "--log-level: server.log_level: \"LOUD\" is not a log level"
                                + " (DEBUG, INFO, WARN, ERROR, CRITICAL)");
        assertThat(out.toString()).isEmpty();
        assertThat(doors.gateways).isEmpty();
    }

    @Test
    void a_wrong_command_line_is_exit_code_2() {
        assertThat(run("--port", "x")).as("a bad value of a flag alone").isEqualTo(2);
        assertThat(run("--prot", "1")).as("an unknown flag").isEqualTo(2);
        assertThat(run("--port")).as("a flag without its value").isEqualTo(2);
        assertThat(run("--port", "1", "--port", "2")).as("a flag twice").isEqualTo(2);
        assertThat(run("frobnicate")).as("an unknown command").isEqualTo(2);
        assertThat(run("config")).as("config without a command").isEqualTo(2);
        assertThat(run("demo", "--config", "x"))
                .as("a flag that a command does not know")
                .isEqualTo(2);
        assertThat(run("sandbox", "--port", "70000")).as("a port out of range").isEqualTo(2);
        assertThat(run("sandbox", "--port", "x")).as("a port that is no number").isEqualTo(2);
        assertThat(doors.gateways).isEmpty();
        assertThat(doors.sandboxes).isEmpty();
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void a_key_behind_a_mistyped_flag_is_not_repeated() {
        run("--openrouter-apikey", "sk-or-v1-QQQQ");
        run("--openrouter-apikey=sk-or-v1-QQQQ");
        run("check", "sk-or-v1-QQQQ");
        run("--port", "sk-or-v1-QQQQ");
        run("sandbox", "--port", "sk-or-v1-QQQQ");

        assertThat(err.toString()).contains("unknown flag --openrouter-apikey").doesNotContain("QQQQ");
        assertThat(out.toString()).doesNotContain("QQQQ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "demo",
                "sandbox",
                "check",
                "config",
                "config show",
                "config schema",
                "keys",
                "keys add",
                "keys list",
                "keys test",
                "keys disable",
                "keys reactivate",
                "keys remove",
                "keys hash",
                "keys import"
            })
    void every_command_explains_itself(String command) {
        List<String> args = new ArrayList<>(command.isEmpty() ? List.of() : List.of(command.split(" ", -1)));
        args.add("--help");

        int exit = run(args.toArray(String[]::new));

        assertThat(exit).isZero();
        assertThat(out.toString()).startsWith(("Usage: keyway " + command).strip());
    }

    @Test
    void help_names_every_flag_command_and_exit_code() {
        run("--help");

        assertThat(out.toString())
                .contains("--host", "--port", "--config", "--home", "--env-file", "--timeout", "--log-level")
                .contains("--openrouter-api-key=KEY", "--openrouter-api-base-url=URL")
                .contains("demo", "sandbox", "check", "config", "keys")
                .contains("0   done", "1   refused to start", "2   wrong command line");
    }

    @Test
    void version_comes_with_commit_and_build_time() {
        int exit = run("--version");

        assertThat(exit).isZero();
        assertThat(out.toString())
                .matches("Keyway \\d+\\.\\d+\\.\\d+\\S* \\(commit [0-9a-z]+, built 20\\d\\d-\\S+Z\\)\\R");
    }

    /** "demo --version" printed nothing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "sandbox",
                "check",
                "config",
                "config show",
                "config schema",
                "keys",
                "keys add",
                "keys list",
                "keys test",
                "keys disable",
                "keys reactivate",
                "keys remove",
                "keys hash",
                "keys import"
            })
    void every_command_knows_the_version(String command) {
        run((command + " --version").split(" ", -1));

        assertThat(out.toString()).startsWith("Keyway ");
    }

    @Test
    void check_says_what_is_read_and_what_is_open_to_whom() throws IOException {
        Files.writeString(folder.resolve("keyway.yml"), "cors: {allowed_origins: [https://a.example]}\n");
        environment.put("OPENROUTER_KEYS", "sk-or-a,sk-or-b");

        int exit = run("check");

        assertThat(exit).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "The configuration is valid: environment (OPENROUTER_KEYS), keyway.yml.",
                        "Home: " + folder,
                        "Address of the standalone server: 127.0.0.1, port 3000",
                        "Upstream: https://openrouter.ai/api/v1, keys in the pool: 2",
                        "Access: the pool is open to programs on this machine only (a proxy here must send"
                                + " X-Forwarded-For); others are answered 403 until server.access_key is set",
                        "Access: readable without any key, by anyone: public_endpoints=[/api/v1/models]",
                        "Access: routes that manage the account, with the pool's keys: account_routes=read",
                        "Access: web pages that may call: allowed_origins=[https://a.example]",
                        "Access: /admin is open to programs on this machine only, until admin.secret is set",
                        "Access: /metrics/raw is open to programs on this machine only, until metrics.access_key is"
                                + " set");
    }

    @Test
    void check_tells_an_open_gateway_from_a_guarded_one() {
        run("check");
        environment.put("KEYWAY_SERVER_ALLOW_OPEN", "true");
        environment.put("OPENROUTER_API_KEY", "sk-or-a");
        run("check");
        environment.put("KEYWAY_SERVER_ACCESS_KEY", "short");
        environment.put("KEYWAY_AUTH_PASSTHROUGH", "true");
        run("check");

        assertThat(out.toString())
                .contains("Access: no upstream keys: each caller's own key is forwarded")
                .contains("WARNING: the pool is open to everyone who can reach this address")
                .contains("Access: callers need an access key: clients=[default]")
                .contains("Access: callers' own OpenRouter keys are forwarded: auth.passthrough=true");
        assertThat(err.toString())
                .isEqualToIgnoringNewLines("warning: KEYWAY_SERVER_ACCESS_KEY: server.access_key:"
                        + " is shorter than 16 characters and easy to guess");
        assertThat(doors.gateways).isEmpty();
    }

    @Test
    void config_show_gives_every_setting_with_its_source_and_no_secret() {
        environment.put("OPENROUTER_API_KEY", "sk-or-v1-QQQQ");
        environment.put("KEYWAY_SERVER_ACCESS_KEY", "QQQQ-long-access-key");

        int exit = run("config", "show", "--port", "8080");

        assertThat(exit).isZero();
        assertThat(out.toString())
                .contains("server.port: 8080  # --port\n")
                .contains("server.host: 127.0.0.1  # default\n")
                .containsPattern("openrouter\\.keys: \\[k_[0-9a-f]{8}]  # OPENROUTER_API_KEY\n")
                .containsPattern("server\\.access_key: k_[0-9a-f]{8}  # KEYWAY_SERVER_ACCESS_KEY\n")
                .doesNotContain("QQQQ");
    }

    @Test
    void names_that_route_are_taken_from_flags_and_an_alias_may_hold_a_comma() {
        int exit = run(
                "config",
                "show",
                "--model-alias",
                "^a{1,2}$=x/y$fp8,groq",
                "--model-alias",
                "b=c",
                "--force-model",
                "f/m",
                "--static-route",
                "openrouter:s/m",
                "--default-backend",
                "openrouter");

        assertThat(exit).isZero();
        assertThat(out.toString())
                .contains("model_aliases: [^a{1,2}$=x/y$fp8,groq, b=c]  # --model-alias\n")
                .contains("force_model: f/m  # --force-model\n")
                .contains("static_route: openrouter:s/m  # --static-route\n")
                .contains("default_backend: openrouter  # --default-backend\n");
    }

    @Test
    void config_schema_is_json_schema() {
        int exit = run("config", "schema");

        assertThat(exit).isZero();
        assertThat(out.toString()).startsWith("{").contains("https://json-schema.org/draft/2020-12/schema");
    }

    @Test
    void demo_gets_its_flags_and_nothing_of_the_environment() {
        environment.put("OPENROUTER_API_KEY", "sk-or-real");

        int exit = run("demo", "--port", "0");

        assertThat(exit).isZero();
        assertThat(doors.demos).hasSize(1);
        assertThat(doors.demos.get(0).overrides()).isEqualTo(Map.of("--port", "0"));
        assertThat(doors.demos.get(0).environment()).isEmpty();
    }

    @Test
    void sandbox_listens_on_any_free_local_port_unless_told() {
        run("sandbox");
        run("sandbox", "--host", "0.0.0.0", "--port", "9", "--tls");

        assertThat(doors.sandboxes)
                .containsExactly(
                        new Doors.SandboxFlags("127.0.0.1", 0, false), new Doors.SandboxFlags("0.0.0.0", 9, true));
    }

    @Test
    void a_failure_is_one_line_and_exit_code_1() {
        Doors broken = new RecordingDoors() {
            @Override
            public int sandbox(SandboxFlags flags, CommandContext context) {
                throw new IllegalStateException("no room");
            }
        };
        CommandContext context =
                new CommandContext(environment, Map.of(), folder, new PrintWriter(out), new PrintWriter(err));

        int exit = KeywayCommand.run(new String[] {"sandbox"}, context, broken);

        assertThat(exit).isEqualTo(1);
        assertThat(err.toString().lines()).containsExactly("keyway failed: java.lang.IllegalStateException: no room");
    }
}
