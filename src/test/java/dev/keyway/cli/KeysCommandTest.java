package dev.keyway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.Canaries;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code keys …} beside a gateway that runs in the home folder. */
class KeysCommandTest {
    private static final String KEY = "sk-or-v1-" + "3f9c".repeat(16);
    private static final String OTHER = "sk-or-v1-" + "77ab".repeat(16);
    private static final String ODD = "0dd-".repeat(8);
    private static final String ID = new Secret(KEY).id();
    private static final String OTHER_ID = new Secret(OTHER).id();
    private static final String ODD_ID = new Secret(ODD).id();

    @TempDir
    private Path home;

    private CommandRun command;
    private StandInAdmin gateway;

    @BeforeEach
    void start() throws IOException {
        command = new CommandRun(home);
        gateway = StandInAdmin.in(home);
    }

    /** Whatever a test did: no key in anything that was printed. */
    @AfterEach
    void no_key_was_printed() throws IOException {
        gateway.close();
        Canaries keys = new Canaries().plant("key", KEY).plant("other", OTHER).plant("token", StandInAdmin.TOKEN);

        assertThat(keys.foundIn(command.everything())).isEmpty();
        assertThat(command.everything()).doesNotContain(ODD);
    }

    @Test
    void a_key_that_is_typed_unseen_is_added_by_the_running_gateway() {
        int exit = command.types(KEY).run("keys", "add", "--label", "main", "--account", "alice");

        assertThat(exit).isZero();
        assertThat(command.questions).containsExactly("Please enter your OpenRouter API key: ");
        assertThat(command.out()).containsExactly(ID + " added, by the gateway at " + gateway.url());
        assertThat(command.err()).isEmpty();
        assertThat(gateway.requests()).containsExactly("POST /admin/keys");
    }

    @Test
    void a_known_key_is_told_from_a_new_one() {
        gateway.has(ID, Map.of("state", "deactivated"));

        int exit = command.types(KEY).run("keys", "add");

        assertThat(exit).isZero();
        assertThat(command.out()).containsExactly(ID + " was known; it is active, by the gateway at " + gateway.url());
        assertThat(gateway.stateOf(ID)).isEqualTo("active");
    }

    @Test
    void keys_are_piped_in_one_a_line_and_a_bad_one_does_not_stop_the_others() {
        int exit = command.pipes(KEY + "\n\nsk-or-with blank\n" + OTHER + "\r\n" + ODD)
                .run("keys", "add", "--stdin");

        assertThat(exit).isEqualTo(1);
        assertThat(command.out()).hasSize(3).allMatch(line -> line.contains(" added, by "));
        assertThat(command.err())
                .containsExactly(
                        "line 3: " + new Secret("sk-or-with blank").id()
                                + " contains a blank, a control character or a letter outside ASCII",
                        "warning: " + ODD_ID + ": odd: " + "*".repeat(ODD.length()));
    }

    @Test
    void nothing_typed_or_piped_is_no_key() {
        assertThat(command.types("  ").run("keys", "add")).isEqualTo(1);
        assertThat(command.err()).containsExactly("API key is required");
        assertThat(command.run("keys", "add")).as("end of input").isEqualTo(1);
        assertThat(command.pipes("\n \n").run("keys", "add", "--stdin")).isEqualTo(1);
        assertThat(command.err()).containsExactly("API key is required");
        assertThat(gateway.requests()).isEmpty();
    }

    @Test
    void nobody_to_ask_is_a_wrong_command_line() {
        command.withoutTerminal();

        assertThat(command.run("keys", "add")).isEqualTo(2);
        assertThat(command.err()).first().asString().contains("--stdin");
        assertThat(command.run("keys", "hash")).isEqualTo(2);
        assertThat(command.run("keys", "remove", ID)).isEqualTo(2);
        assertThat(command.err()).first().asString().contains("--yes");
        assertThat(gateway.requests()).isEmpty();
    }

    @Test
    void a_key_as_an_argument_is_refused_and_not_repeated() {
        assertThat(command.run("keys", "add", KEY)).isEqualTo(2);
        assertThat(command.err())
                .first()
                .asString()
                .contains("never an argument")
                .contains("command lines");
        assertThat(command.run("keys", "add", "--key", KEY)).isEqualTo(2);
        assertThat(command.run("keys", "add", "--key=" + KEY)).isEqualTo(2);
        assertThat(command.run("keys", "add", "--label", KEY)).isEqualTo(2);
        assertThat(command.run("keys", "hash", KEY)).isEqualTo(2);
        assertThat(command.run("keys", "disable", KEY)).isEqualTo(2);
        assertThat(command.err()).first().asString().contains("never an argument");
        assertThat(command.run("keys", "remove", "--yes", KEY)).isEqualTo(2);
        assertThat(command.run("keys", "test", KEY)).isEqualTo(2);
        assertThat(command.run("keys", "import", KEY)).isEqualTo(1);
        assertThat(command.run("keys", KEY)).isEqualTo(2);
        assertThat(gateway.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"keys", "keys disable", "keys reactivate", "keys remove --yes", "keys test", "keys import"})
    void a_command_without_what_it_is_about_is_a_wrong_command_line(String line) {
        assertThat(command.run(line.split(" ", -1))).isEqualTo(2);
    }

    @Test
    void the_table_has_times_with_zone_and_distance_and_no_empty_column() {
        gateway.has(
                "k_00000001",
                Map.of(
                        "label", "main",
                        "state", "cooling",
                        "reason", "rate_limited",
                        "until", "2026-11-27T21:12:30Z",
                        "last_used", "2026-11-27T17:59:15Z",
                        "successes", 12,
                        "credit", Map.of("remaining", 1.5, "limit", 20)));
        gateway.has("k_00000002", Map.of("label", "spare \u001b[31m", "successes", 0));

        int exit = command.run("keys", "list");

        assertThat(exit).isZero();
        assertThat(command.out())
                .containsExactly(
                        "ID          LABEL        SOURCE  STATE    REASON        UNTIL                                  "
                                + "  LAST USED                           SERVED  CREDIT",
                        "k_00000001  main         admin   cooling  rate_limited  2026-11-27 22:12 +01:00 (in 3 h 12 min)"
                                + "  2026-11-27 18:59 +01:00 (45 s ago)  12      $1.5 of $20",
                        "k_00000002  spare ·[31m  admin   active" + " ".repeat(94) + "0",
                        "2 keys: 1 active, 1 cooling.",
                        "From the gateway at " + gateway.url() + ".");
    }

    @Test
    void scripts_get_the_admin_apis_own_json() throws IOException {
        gateway.has("k_00000001", Map.of("successes", 12));

        int exit = command.run("keys", "list", "--json");

        assertThat(exit).isZero();
        assertThat(Json.read(String.join("\n", command.out())).toString())
                .isEqualTo("{\"keys\":[{\"id\":\"k_00000001\",\"source\":\"admin\",\"state\":\"active\","
                        + "\"successes\":12}]}");
    }

    @Test
    void scripts_get_a_result_for_each_key() throws IOException {
        gateway.has("k_00000001", Map.of());

        int exit = command.run("keys", "disable", "--json", "k_00000001", "k_00000009");

        assertThat(exit).isEqualTo(1);
        assertThat(Json.read(String.join("\n", command.out())).toString())
                .isEqualTo("{\"results\":[{\"ok\":true,\"id\":\"k_00000001\",\"source\":\"admin\","
                        + "\"state\":\"deactivated\"},"
                        + "{\"ok\":false,\"id\":\"k_00000009\",\"error\":\"no key k_00000009\"}]}");
        assertThat(command.err()).containsExactly("k_00000009: no key k_00000009");
    }

    @Test
    void keys_are_disabled_and_reactivated_by_id() {
        gateway.has("k_00000001", Map.of());

        assertThat(command.run("keys", "disable", "k_00000001")).isZero();
        assertThat(command.out()).containsExactly("k_00000001 disabled");
        assertThat(gateway.stateOf("k_00000001")).isEqualTo("deactivated");
        assertThat(command.run("keys", "reactivate", "k_00000001")).isZero();
        assertThat(gateway.stateOf("k_00000001")).isEqualTo("active");
    }

    @Test
    void a_key_is_removed_only_after_a_yes() {
        gateway.has("k_00000001", Map.of());

        assertThat(command.types("").run("keys", "remove", "k_00000001")).isEqualTo(1);
        assertThat(command.run("keys", "remove", "k_00000001"))
                .as("end of input")
                .isEqualTo(1);
        assertThat(gateway.requests()).isEmpty();
        assertThat(command.types("Y").run("keys", "remove", "k_00000001")).isZero();
        assertThat(command.out()).containsExactly("k_00000001 removed");
        assertThat(command.withoutTerminal().run("keys", "remove", "--yes", "k_00000001"))
                .as("it is gone")
                .isEqualTo(1);
    }

    @Test
    void a_test_of_all_keys_fails_when_one_of_them_does() {
        gateway.has("k_00000001", Map.of("credit", Map.of("remaining", 3)));
        gateway.has("k_00000002", Map.of("state", "deactivated"));

        int exit = command.run("keys", "test", "--all");

        assertThat(exit).isEqualTo(1);
        assertThat(command.out()).containsExactly("k_00000001: good, credit: $3");
        assertThat(command.err()).containsExactly("k_00000002: refused");
    }

    @Test
    void hash_is_the_sha256_in_hex() {
        assertThat(command.types("abc").run("keys", "hash")).isZero();
        assertThat(command.out()).containsExactly("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(command.err()).containsExactly("warning: shorter than 16 characters and easy to guess");
        assertThat(command.types("two words").run("keys", "hash")).isEqualTo(1);
        assertThat(command.types(KEY).run("keys", "hash")).isZero();
        assertThat(command.err()).containsExactly("warning: looks like an OpenRouter key; callers should not know one");
    }

    @Test
    void a_generated_access_key_fits_its_hash_and_is_another_each_time() throws IOException {
        command.run("keys", "hash", "--generate", "--json");
        String first = String.join("\n", command.out());
        command.run("keys", "hash", "--generate", "--json");

        var result = Json.read(first).path("results").path(0);
        assertThat(result.path("key").asText()).matches("kw-[A-Za-z0-9_-]{43}");
        assertThat(HexFormat.of().formatHex(Secret.sha256(result.path("key").asText())))
                .isEqualTo(result.path("key_sha256").asText());
        assertThat(String.join("\n", command.out())).isNotEqualTo(first);
    }

    @Test
    void keys_of_other_proxies_are_taken_once_and_known_ones_stay_as_they_are() throws IOException {
        Files.writeString(home.resolve(".env"), "PORT=1\nOPENROUTER_API_KEYS=" + KEY + ", " + OTHER + "\n");
        Files.writeString(
                home.resolve("keys.json"),
                "[\n{\"key\":\"" + OTHER + "\"},\n{\"key\":\"" + ODD + "\",\"isActive\":false}\n]");
        gateway.has(ID, Map.of("state", "deactivated"));

        int exit = command.run("keys", "import", ".env", "keys.json");

        assertThat(exit).isZero();
        assertThat(command.out())
                .containsExactly(
                        ".env:2 OPENROUTER_API_KEYS: " + ID + " is known and stays as it is",
                        ".env:2 OPENROUTER_API_KEYS: " + OTHER_ID + " added",
                        "keys.json:2: " + OTHER_ID + " is known and stays as it is",
                        "keys.json:3: " + ODD_ID + " added and disabled, as it was there");
        assertThat(gateway.stateOf(ID)).isEqualTo("deactivated");
        assertThat(gateway.stateOf(ODD_ID)).isEqualTo("deactivated");
    }

    @Test
    void a_dry_run_of_an_import_changes_nothing() throws IOException {
        Files.writeString(home.resolve(".env"), "OPENROUTER_API_KEY=" + KEY + "\nOPENROUTER_API_KEY_2=" + KEY);

        int exit = command.run("keys", "import", "--dry-run", ".env");

        assertThat(exit).isZero();
        assertThat(command.out())
                .containsExactly(
                        ".env:1 OPENROUTER_API_KEY: " + ID + " would be added",
                        ".env:2 OPENROUTER_API_KEY_2: " + ID + " is known and stays as it is");
        assertThat(gateway.requests()).containsExactly("GET /admin/keys");
    }

    @Test
    void a_file_that_can_not_be_imported_does_not_stop_the_others() throws IOException {
        Files.writeString(home.resolve("keys.json"), "[{\"key\":\"" + OTHER + "\" oops");
        Files.writeString(
                home.resolve(".env"), "OPENROUTER_API_KEY=your_openrouter_api_key_here\nOPENROUTER_KEYS=" + KEY);

        int exit = command.run("keys", "import", "missing.env", "keys.json", ".env");

        assertThat(exit).isEqualTo(1);
        assertThat(command.err())
                .containsExactly(
                        "missing.env: no such file",
                        "keys.json:1: not readable as JSON",
                        ".env:1 OPENROUTER_API_KEY: is the placeholder your_openrouter_api_key_here");
        assertThat(command.out()).containsExactly(".env:2 OPENROUTER_KEYS: " + ID + " added");
    }

    @Test
    void a_gateway_that_holds_the_home_but_does_not_answer_is_named_with_its_process() throws IOException {
        long pid = ProcessHandle.current().pid();
        gateway.goSilent();

        assertThat(command.run("keys", "list")).isEqualTo(1);
        assertThat(command.err()).containsExactly("nothing answers at " + gateway.url());

        gateway.writeNote(pid, null);
        assertThat(command.run("keys", "list")).isEqualTo(1);
        assertThat(command.err())
                .containsExactly("a gateway runs in home " + home + " (pid " + pid
                        + "), but does not know its address before its first request; send it one, or give --url, such as"
                        + " http://127.0.0.1:8080/keyway");

        gateway.writeNote(pid + 1, gateway.url());
        assertThat(command.run("keys", "list"))
                .as("a note that a killed one left")
                .isEqualTo(1);
        assertThat(command.err()).first().asString().contains("has not written data/gateway.json");

        Files.writeString(home.resolve(GatewayNote.FILE), "{");
        assertThat(command.run("keys", "list")).isEqualTo(1);
        assertThat(command.err()).first().asString().contains("is no note of a running gateway");
    }

    @Test
    void an_address_that_is_given_is_asked_with_the_secret_of_the_environment() throws IOException {
        assertThat(command.run("keys", "list", "--url", gateway.url() + "/"))
                .as("on this machine the note's token does")
                .isZero();
        command.environment.put("ADMIN_SECRET", "wrong-and-long-enough");
        assertThat(command.run("keys", "list", "--url", gateway.url())).isEqualTo(1);
        assertThat(command.err())
                .containsExactly("Invalid admin secret (its admin.secret is taken from KEYWAY_ADMIN_SECRET)");
        command.environment.put("KEYWAY_ADMIN_SECRET", StandInAdmin.TOKEN);
        assertThat(command.run("keys", "list", "--url", gateway.url())).isZero();
        command.environment.put("KEYWAY_ADMIN_SECRET", "two words");
        assertThat(command.run("keys", "list", "--url", gateway.url())).isEqualTo(1);
        assertThat(command.run("keys", "list", "--url", "ftp://x")).isEqualTo(2);
        assertThat(command.run("keys", "list", "--url", "http://u:p@127.0.0.1")).isEqualTo(2);
    }

    @Test
    void the_token_of_this_machine_goes_to_no_other() {
        assertThat(List.of("http://127.0.0.1:1", "http://localhost/keyway", "http://[::1]:80"))
                .allMatch(url -> GatewayUrl.isLocal(GatewayUrl.parse(url).orElseThrow()));
        assertThat(List.of("http://192.0.2.1", "http://localhost.example.com", "https://keyway.example"))
                .noneMatch(url -> GatewayUrl.isLocal(GatewayUrl.parse(url).orElseThrow()));
    }

    @Test
    void something_else_that_answers_is_not_taken_for_a_gateway() throws IOException {
        try (OtherServer other = OtherServer.answering(200, "<html>" + KEY + "</html>")) {
            assertThat(command.run("keys", "list", "--url", other.url())).isEqualTo(1);
            assertThat(command.err())
                    .containsExactly("what answers at " + other.url() + " is not Keyway's admin API (status 200)");
            assertThat(command.types(KEY).run("keys", "add", "--url", other.url()))
                    .isEqualTo(1);
        }
        try (OtherServer echo = OtherServer.answering(400, "{\"error\":{\"message\":\"bad key " + KEY + "\"}}")) {
            assertThat(command.types(KEY).run("keys", "add", "--url", echo.url()))
                    .isEqualTo(1);
            assertThat(command.err()).containsExactly(ID + " was not added: bad key " + "*".repeat(KEY.length()));
        }
    }

    @Test
    void a_home_that_is_not_there_is_not_made() {
        int exit = command.run("keys", "list", "--home", "nowhere");

        assertThat(exit).isEqualTo(1);
        assertThat(command.err()).first().asString().startsWith("there is no folder " + home.resolve("nowhere"));
        assertThat(home.resolve("nowhere")).doesNotExist();
    }
}
