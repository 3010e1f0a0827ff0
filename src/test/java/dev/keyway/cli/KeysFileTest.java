package dev.keyway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.Canaries;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code keys …} in a home where no gateway runs: each command is a process of its own to the key file. */
class KeysFileTest {
    private static final String KEY = "sk-or-v1-" + "3f9c".repeat(16);
    private static final String OTHER = "sk-or-v1-" + "77ab".repeat(16);
    private static final String ID = new Secret(KEY).id();
    private static final String OTHER_ID = new Secret(OTHER).id();

    @TempDir
    private Path home;

    private CommandRun command;

    @BeforeEach
    void start() {
        command = new CommandRun(home);
    }

    /** Whatever a test did: no key in anything that was printed or logged. */
    @AfterEach
    void no_key_was_printed_or_logged() throws IOException {
        StringBuilder all = new StringBuilder(command.everything());
        if (Files.exists(home.resolve("logs"))) {
            try (Stream<Path> logs = Files.list(home.resolve("logs"))) {
                for (Path log : logs.toList()) {
                    all.append(Files.readString(log));
                }
            }
        }

        assertThat(new Canaries().plant("key", KEY).plant("other", OTHER).foundIn(all.toString()))
                .isEmpty();
    }

    private Path file() {
        return home.resolve("data/keys.json");
    }

    private List<String> states() throws IOException {
        command.run("keys", "list", "--json");
        return Json.read(String.join("\n", command.out())).path("keys").findValuesAsText("state");
    }

    @Test
    void a_key_is_added_to_the_file_and_there_for_the_next_command() throws IOException {
        int exit = command.types(KEY).run("keys", "add", "--label", "main", "--account", "alice");

        assertThat(exit).isZero();
        assertThat(command.out())
                .containsExactly(ID + " added, by the key file of " + home + ", where no gateway runs");
        assertThat(command.err()).isEmpty();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(command.run("keys", "list")).isZero();
        assertThat(command.out())
                .contains("ID          LABEL  ACCOUNT  SOURCE  STATE   SERVED  FAILED", "1 key: 1 active.")
                .contains(ID + "  main   alice    file    active  0       0");
    }

    @Test
    void what_is_disabled_stays_disabled_until_it_is_made_active_or_added_again() throws IOException {
        command.types(KEY).run("keys", "add");

        assertThat(command.run("keys", "disable", ID)).isZero();
        assertThat(states()).containsExactly("deactivated");
        assertThat(command.run("keys", "reactivate", ID)).isZero();
        assertThat(states()).containsExactly("active");
        command.run("keys", "disable", ID);
        assertThat(command.types(KEY).run("keys", "add")).isZero();
        assertThat(command.out()).first().asString().startsWith(ID + " was known; it is active");
        assertThat(states()).containsExactly("active");
    }

    @Test
    void a_removed_key_is_in_the_file_no_more() throws IOException {
        command.pipes(KEY + "\n" + OTHER).run("keys", "add", "--stdin");

        assertThat(command.run("keys", "remove", "--yes", ID, "k_00000009")).isEqualTo(1);

        assertThat(command.out()).containsExactly(ID + " removed");
        assertThat(command.err()).containsExactly("k_00000009: there is no key with this id");
        assertThat(Files.readString(file())).contains(OTHER).doesNotContain(KEY);
    }

    @Test
    void a_key_of_the_configuration_can_be_disabled_but_not_removed() throws IOException {
        Files.writeString(home.resolve("keyway.yml"), "openrouter: {keys: [" + KEY + "]}\n");

        assertThat(command.run("keys", "remove", "--yes", ID)).isEqualTo(1);
        assertThat(command.err()).first().asString().contains("stands in the configuration or the environment");
        assertThat(command.run("keys", "disable", ID)).isZero();

        assertThat(states()).containsExactly("deactivated");
        assertThat(Files.readString(file())).contains(ID).doesNotContain(KEY);
    }

    @Test
    void keys_are_tested_by_a_gateway_only() {
        command.types(KEY).run("keys", "add");

        assertThat(command.run("keys", "test", ID)).isEqualTo(1);
        assertThat(command.err()).containsExactly(ID + ": only a running gateway asks OpenRouter; start it, then test");
    }

    @Test
    void the_note_of_a_gateway_that_was_killed_leads_nobody_astray() throws IOException {
        Files.createDirectories(home.resolve("data"));
        Files.writeString(
                home.resolve(GatewayNote.FILE),
                "{\"pid\":" + ProcessHandle.current().pid()
                        + ",\"url\":\"http://127.0.0.1:1\",\"token\":\"0123456789\"}");

        assertThat(command.types(KEY).run("keys", "add")).isZero();
        assertThat(Files.readString(file())).contains(KEY);
    }

    @Test
    void the_keys_log_tells_of_it_and_a_look_leaves_no_log() throws IOException {
        command.run("keys", "list");
        assertThat(command.out()).first().asString().isEqualTo("No keys.");
        assertThat(home.resolve("logs")).doesNotExist();
        assertThat(file()).doesNotExist();

        command.types(KEY).run("keys", "add");

        assertThat(home.resolve("logs/keys-2026-11-27.log"))
                .content()
                .contains("\"New Key Added\"")
                .contains(ID);
    }

    @Test
    void a_configuration_with_problems_is_told_and_nothing_is_done() throws IOException {
        Files.writeString(home.resolve("keyway.yml"), "surprise: 1\n");

        assertThat(command.types(KEY).run("keys", "add")).isEqualTo(1);
        assertThat(command.err()).containsExactly("keyway.yml:1: surprise: unknown setting");
        assertThat(file()).doesNotExist();
        Files.delete(home.resolve("keyway.yml"));
        assertThat(command.run("keys", "list")).as("the lock was let go of").isZero();
    }

    @Test
    void a_key_file_that_is_broken_is_told_and_left_as_it_is() throws IOException {
        Files.createDirectories(home.resolve("data"));
        Files.writeString(file(), "{\"version\":1,\"keys\":[{\"key\":\"" + KEY + "\"");

        assertThat(command.types(OTHER).run("keys", "add")).isEqualTo(1);
        assertThat(command.err()).first().asString().contains("keys.json");
        assertThat(Files.readString(file())).endsWith(KEY + "\"");
        assertThat(command.run("keys", "list")).as("the lock was let go of").isEqualTo(1);
        assertThat(command.err()).first().asString().contains("keys.json");
    }

    /** Symptom: "sudo java -jar keyway.war keys add" left a key file that the service's user could not read. */
    @Test
    void root_does_not_write_into_the_home_of_another_user() throws IOException {
        String owner = Files.getOwner(home).getName();
        if (owner.equals("root")) {
            owner = "nobody";
            Files.setOwner(
                    home, home.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner));
        }
        command.systemProperties.put("user.name", "root");

        assertThat(command.types(KEY).run("keys", "add")).isEqualTo(1);
        assertThat(command.err())
                .first()
                .asString()
                .contains("belongs to " + owner)
                .contains("sudo -u " + owner);
        assertThat(home).isEmptyDirectory();
        try (StandInAdmin gateway = StandInAdmin.in(home)) {
            assertThat(command.types(KEY).run("keys", "add"))
                    .as("the gateway writes")
                    .isZero();
            assertThat(gateway.requests()).hasSize(1);
        }
        assertThat(command.types(KEY).run("keys", "add")).as("it is gone").isEqualTo(1);
        assertThat(file()).doesNotExist();
        command.systemProperties.put("user.name", owner);
        assertThat(command.types(KEY).run("keys", "add")).isZero();
    }

    @Test
    void keys_of_another_proxy_come_in_once_with_what_was_switched_off() throws IOException {
        Files.writeString(
                home.resolve("old.json"),
                "[{\"key\":\"" + KEY + "\",\"isActive\":true},\n{\"key\":\"" + OTHER + "\",\"isActive\":false}]");

        assertThat(command.run("keys", "import", "--dry-run", "old.json")).isZero();
        assertThat(file()).doesNotExist();
        assertThat(command.run("keys", "import", "old.json")).isZero();
        assertThat(states()).containsExactly("active", "deactivated");
        command.run("keys", "reactivate", OTHER_ID);
        assertThat(command.run("keys", "import", "old.json")).isZero();
        assertThat(states()).as("known keys stay as they are").containsExactly("active", "active");
    }

    /** The Node system took milliseconds for seconds, so that its resets lie in the year 58000. */
    @Test
    void a_key_that_rested_in_the_other_proxy_rests_on() throws IOException {
        long inTwoHours = CommandRun.NOW.plusSeconds(7200).toEpochMilli();
        Files.writeString(
                home.resolve("old.json"),
                "[{\"key\":\"" + KEY + "\",\"rateLimitResetAt\":" + inTwoHours + "000},\n{\"key\":\"" + OTHER
                        + "\",\"rateLimitResetAt\":1}]");

        assertThat(command.run("keys", "import", "old.json")).isZero();

        assertThat(command.out())
                .containsExactly(
                        "old.json:1: " + ID + " added; as there, it rests until 2026-11-27 21:00 +01:00 (in 2 h)",
                        "old.json:2: " + OTHER_ID + " added");
        assertThat(states()).containsExactly("cooling", "active");
    }
}
