package dev.keyway.keys.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyway.keys.KeySource;
import dev.keyway.keys.KeyState;
import dev.keyway.keys.KeyStateStore;
import dev.keyway.keys.StoredKey;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeKeyFileTest {
    /** As {@code JSON.stringify(keys, null, 2)} writes it. */
    private static final String EXAMPLE = """
            [
              {
                "key": "sk-or-v1-one",
                "isActive": true,
                "lastUsed": "2026-11-27T19:00:00.000Z",
                "rateLimitResetAt": null,
                "failureCount": 4,
                "_id": "1764270000000"
              },
              {
                "key": "sk-or-v1-two",
                "isActive": true,
                "lastUsed": 1795806000000,
                "rateLimitResetAt": 1795813200000,
                "failureCount": 0,
                "_id": "1764270000000"
              },
              {
                "key": "sk-or-v1-three",
                "isActive": false,
                "lastUsed": null,
                "rateLimitResetAt": null,
                "failureCount": 5,
                "_id": "1764270000001"
              }
            ]""";

    @TempDir
    private Path home;

    private static NodeKeyFile.Content read(String text) throws IOException {
        return NodeKeyFile.read(Path.of("keys.json"), text.getBytes(StandardCharsets.UTF_8), Keys.NOW);
    }

    private static StoredKey key(
            String key,
            KeyState state,
            @Nullable String reason,
            @Nullable Instant until,
            @Nullable Instant lastUsed,
            int failed) {
        Secret secret = new Secret(key);
        return new StoredKey(
                secret.id(), secret, null, null, KeySource.FILE, state, reason, until, 0, 0, null, lastUsed, 0, failed);
    }

    private static final List<StoredKey> READ = List.of(
            key("sk-or-v1-one", KeyState.ACTIVE, null, null, Instant.parse("2026-11-27T19:00:00Z"), 4),
            key(
                    "sk-or-v1-two",
                    KeyState.COOLING,
                    "rate_limited",
                    Instant.ofEpochMilli(1795813200000L),
                    Instant.ofEpochMilli(1795806000000L),
                    0),
            key("sk-or-v1-three", KeyState.DEACTIVATED, "failures", null, null, 5));

    private Path file() {
        return home.resolve("data/keys.json");
    }

    private Path backup(String suffix) {
        return file().resolveSibling("keys.json.node-backup-2026-11-27" + suffix);
    }

    private List<StoredKey> loaded(@Nullable String master) throws IOException {
        KeyStoreOptions options = new KeyStoreOptions(master == null ? null : new Secret(master));
        try (KeyStateStore store = KeyStateStores.open(home, options, InstantSource.fixed(Keys.NOW))) {
            return store.load();
        }
    }

    private void written(String text) throws IOException {
        Files.createDirectories(home.resolve("data"));
        Files.writeString(file(), text);
    }

    @Test
    void the_file_of_the_node_system_is_read_as_it_is() throws IOException {
        assertThat(read(EXAMPLE)).isEqualTo(new NodeKeyFile.Content(READ, 0));
    }

    @Test
    void it_is_converted_once_and_a_backup_is_kept_that_only_its_owner_can_read() throws IOException {
        written(EXAMPLE);

        assertThat(loaded(null)).isEqualTo(READ);

        assertThat(backup("")).hasContent(EXAMPLE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup(""))))
                .isEqualTo("rw-------");
        String converted = Files.readString(file());
        assertThat(converted).startsWith("{ \"version\" : 1,");
        assertThat(loaded(null)).isEqualTo(READ);
        assertThat(file()).hasContent(converted);
    }

    @Test
    void a_conversion_that_was_interrupted_keeps_one_backup_and_another_file_gets_its_own() throws IOException {
        written(EXAMPLE);
        loaded(null);
        written(EXAMPLE);
        loaded(null);
        assertThat(backup("-2")).doesNotExist();

        written("[]");
        loaded(null);

        assertThat(backup("")).hasContent(EXAMPLE);
        assertThat(backup("-2")).hasContent("[]");
    }

    @Test
    void with_a_master_key_it_is_converted_encrypted_and_the_backup_in_clear_is_told() throws IOException {
        written(EXAMPLE);

        try (LogLines log = LogLines.of(FileKeyStateStore.class)) {
            assertThat(loaded("a master key of mine")).isEqualTo(READ);

            assertThat(log.lines())
                    .containsExactly(
                            "INFO key file of the Node system converted: file=" + file() + " keys=3 skipped=0 backup="
                                    + backup(""),
                            "WARN backup holds keys that are not encrypted; delete it when it is not needed: file="
                                    + backup(""));
        }
        assertThat(Files.readString(file())).doesNotContain("sk-or-");
    }

    /** Symptom: a reset stated in milliseconds, taken for seconds, rested the key until about the year 58000. */
    @ParameterizedTest
    @CsvSource({
        // the moment as it should be, then the thousandfold as number and as JavaScript writes such a year
        "1795813200000, 2026-11-27T21:00:00Z",
        "1795813200000000, 2026-11-27T21:00:00Z",
        "'\"+058877-01-20T00:00:00.000Z\"', 2026-11-27T21:00:00Z",
        "'\"2026-11-27T21:00:00.000Z\"', 2026-11-27T21:00:00Z",
        // past, also once it is divided
        "1795800000000,",
        "1795800000000000,",
        "'\"2026-11-27T19:00:00.000Z\"',",
        "0,",
        "-1,",
        // beyond belief
        "1e30,",
        "1e999999999,",
        "9007199254740991,",
        "'\"+275760-09-13T00:00:00.000Z\"',",
        "'\"Invalid Date\"',",
        "'\"\"',",
        "true,",
        "'{\"$date\":1}',",
        "'[1795813200000]',",
        "null,",
    })
    void a_reset_counts_when_it_can_be_true(String stated, @Nullable Instant until) throws IOException {
        StoredKey key = read("[{\"key\":\"sk-or-v1-one\",\"rateLimitResetAt\":" + stated + "}]")
                .keys()
                .get(0);

        if (until == null) {
            assertThat(key.state()).isEqualTo(KeyState.ACTIVE);
            assertThat(key.until()).isNull();
        } else {
            assertThat(key.state()).isEqualTo(KeyState.COOLING);
            assertThat(key.until()).isEqualTo(until);
        }
    }

    @Test
    void null_and_missing_members_are_those_of_an_active_key() throws IOException {
        StoredKey plain = Keys.active("sk-or-v1-one");

        assertThat(read("[{\"key\":\"sk-or-v1-one\"}]").keys()).containsExactly(plain);
        assertThat(read("[{\"key\":\" sk-or-v1-one\\n\",\"isActive\":null,\"lastUsed\":null,\"failureCount\":null,"
                                + "\"_id\":null,\"note\":{\"a\":[1]}}]")
                        .keys())
                .containsExactly(plain);
    }

    @Test
    void of_two_entries_with_one_key_the_one_used_last_counts() throws IOException {
        String older = "{\"key\":\"sk-or-v1-one\",\"isActive\":true,\"lastUsed\":1}";
        String newer = "{\"key\":\"sk-or-v1-one\",\"isActive\":false,\"lastUsed\":2}";
        String never = "{\"key\":\"sk-or-v1-one\",\"isActive\":true}";

        for (List<String> order : List.of(List.of(older, newer, never), List.of(never, newer, older))) {
            assertThat(read("[" + String.join(",", order) + "]").keys())
                    .singleElement()
                    .extracting(StoredKey::state)
                    .isEqualTo(KeyState.DEACTIVATED);
        }
    }

    @Test
    void entries_without_a_key_are_counted_and_left_out() throws IOException {
        NodeKeyFile.Content content = read("[{},{\"key\":null},{\"key\":\"\"},{\"key\":\"a b\"},{\"key\":\"\\u0000\"},"
                + "{\"key\":\"" + "x".repeat(513) + "\"},{\"key\":{}},{\"key\":\"sk-or-v1-one\"}]");

        assertThat(content).isEqualTo(new NodeKeyFile.Content(List.of(Keys.active("sk-or-v1-one")), 7));
    }

    @Test
    void cut_at_any_byte_it_is_refused_and_left_as_it_was() throws IOException {
        byte[] text = EXAMPLE.getBytes(StandardCharsets.UTF_8);
        for (int length = 1; length < text.length; length++) {
            byte[] cut = Arrays.copyOf(text, length);

            assertThatThrownBy(() -> NodeKeyFile.read(file(), cut, Keys.NOW))
                    .as("cut at %d", length)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("key file " + file() + ": line ")
                    .hasMessageNotContaining("sk-or-");
        }
        String half = EXAMPLE.substring(0, EXAMPLE.length() / 2);
        written(half);

        assertThatThrownBy(() -> loaded(null)).isInstanceOf(IOException.class);
        assertThat(file()).hasContent(half);
        assertThat(backup("")).doesNotExist();
    }

    @Test
    void an_array_of_something_else_is_refused() {
        assertThatThrownBy(() -> read("[\"sk-or-v1-one\"]"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line 1, column 2: this is not a key of the Node system, an object with \"key\"");
    }
}
