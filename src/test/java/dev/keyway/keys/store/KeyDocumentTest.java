package dev.keyway.keys.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.keyway.keys.KeySource;
import dev.keyway.keys.KeyState;
import dev.keyway.keys.StoredKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyDocumentTest {
    private static final Path FILE = Path.of("/home/k/data/keys.json");
    private static final String ADVICE =
            "; mend it, put a backup in its place, or move it away to start without the keys added to it";
    private static final String KEY = "sk-or-v1-planted";
    private static final String ID = Keys.active(KEY).id();

    private static List<StoredKey> read(byte[] text) throws IOException {
        return KeyDocumentReader.read(FILE, text, null).keys();
    }

    private static List<StoredKey> read(String text) throws IOException {
        return read(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<StoredKey> readKey(String members) throws IOException {
        return read("{\"version\":1,\"keys\":[{" + members + "}]}");
    }

    @Test
    void a_file_cut_at_any_byte_is_refused_or_whole_and_never_read_as_less() throws IOException {
        byte[] text = KeyDocument.write(Keys.ALL_KINDS, null);
        int whole = 0;

        for (int length = 0; length < text.length; length++) {
            byte[] cut = Arrays.copyOf(text, length);
            Throwable refusal = catchThrowable(() -> read(cut));
            if (refusal == null) {
                whole++;
                assertThat(read(cut)).as("cut at %d", length).isEqualTo(Keys.ALL_KINDS);
            } else {
                assertThat(refusal)
                        .as("cut at %d", length)
                        .isInstanceOf(IOException.class)
                        .hasMessageStartingWith("key file /home/k/data/keys.json: ")
                        .hasMessageEndingWith(ADVICE);
                assertThat(refusal.getMessage()).doesNotContain("sk-or-");
            }
        }

        assertThat(whole).as("only the line end may be missing").isEqualTo(1);
    }

    @Test
    void moments_come_back_to_the_nanosecond_however_far_away() throws IOException {
        for (Instant moment : List.of(
                Instant.EPOCH,
                Instant.parse("2026-11-27T20:00:00.000000001Z"),
                Instant.parse("+58000-01-01T00:00:00Z"),
                Instant.MIN,
                Instant.MAX)) {
            StoredKey key = Keys.configured("k_01234567", KeySource.CONFIG, KeyState.COOLING, "r", moment);

            assertThat(read(KeyDocument.write(List.of(key), null))).containsExactly(key);
        }
    }

    @Test
    void half_a_surrogate_pair_in_a_label_does_not_make_the_file_unwritable() throws IOException {
        StoredKey one = Keys.ALL_KINDS.get(0);
        StoredKey odd = new StoredKey(
                one.id(),
                one.secret(),
                "\ud83d",
                "\u0000\u2028\"\\",
                one.source(),
                one.state(),
                "\udc00",
                one.until(),
                0,
                0,
                null,
                null,
                0,
                0);

        assertThat(read(KeyDocument.write(List.of(odd), null))).containsExactly(odd);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|is empty",
                "' '|is empty",
                "nonsense|line 1, column 1: this is not JSON",
                "{\"version\":1,\"keys\":[]} x|line 1, column 25: this is not JSON",
                "{\"version\":1,\"keys\":[]}{}|line 1, column 24: something follows the end",
                "\"text\"|line 1, column 1: this is not an object",
                "{\"keys\":[]}|there is no \"version\"",
                "{\"version\":0}|there is no \"version\"",
                "{\"version\":\"1\"}|line 1, column 12: this is not a whole number",
                "{\"version\":-1}|line 1, column 12: this is not a number from 0 to 9223372036854775807",
                "{\"version\":9e999}|line 1, column 12: this is not a whole number",
                "{\"version\":99999999999999999999}|line 1, column 12: this is not a number from 0 to 9223372036854775807",
                "{\"version\":1,\"version\":1}|line 1, column 14: a member stands here for the second time",
                "{\"version\":1,\"kyes\":[]}|line 1, column 21: unknown member; known: version, encryption, keys",
                "{\"version\":1,\"keys\":{}}|line 1, column 21: this is not a list",
                "{\"version\":1,\"keys\":[7]}|line 1, column 22: this is not an object",
            })
    void what_is_no_key_file_is_refused_with_place_and_advice(String text, String what) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(IOException.class)
                .hasMessage("key file " + FILE + ": " + what + ADVICE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "|this key has no \"id\" of the form k_ and 8 or more hex digits",
                "\"id\":\"k_0123\"|this key has no \"id\" of the form k_ and 8 or more hex digits",
                "\"id\":\"k_01234567\",\"stat\":\"active\"|unknown member; known: id, key, sealed",
                "\"id\":\"k_01234567\",\"state\":\"coolin\"|this is none of active, cooling, exhausted, deactivated",
                "\"id\":\"k_01234567\",\"until\":\"tomorrow\"|this is not a moment such as 2026-11-27T20:00:00Z",
                "\"id\":\"k_01234567\",\"until\":1732736400000|this is not a text",
                "\"id\":\"k_01234567\",\"failures\":-1|this is not a number from 0",
                "\"id\":\"k_01234567\",\"source\":\"admin\"|must have its \"key\" or \"sealed\" here",
                "\"id\":\"k_01234567\",\"key\":\"sk-or-v1-planted\"|the key under k_01234567 is another one",
                "\"id\":\"@\",\"key\":\"sk-or-v1-planted\",\"source\":\"config\"|must not have its key here",
                "\"id\":\"@\",\"key\":\"sk-or-v1-planted\",\"sealed\":\"x\"|has both \"key\" and \"sealed\"",
                "\"id\":\"@\",\"sealed\":\"x\"|is sealed, but no \"encryption\" stands before \"keys\"",
                "\"id\":\"@\"},{\"id\":\"@\"|a second key has the id @",
                "\"id\":\"@\",\"sk-or-v1-planted\":1|unknown member",
                "\"id\":\"@\",\"key\":sk-or-v1-planted|this is not JSON",
                "\"id\":\"@\",\"key\":\"sk-or-v1-planted\\x\"|this is not JSON",
                "\"id\":\"@\",\"state\":\"sk-or-v1-planted\"|this is none of",
            })
    void a_key_that_contradicts_itself_is_refused_and_not_repeated(String members, String what) {
        Throwable refusal = catchThrowable(() -> readKey(members == null ? "" : members.replace("@", ID)));

        assertThat(refusal)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("key file " + FILE + ": line 1, column ")
                .hasMessageContaining(what.replace("@", ID))
                .hasMessageEndingWith(ADVICE)
                .hasNoCause();
        assertThat(refusal.getMessage()).doesNotContain("planted");
    }

    @Test
    void the_place_is_that_of_the_line_a_person_sees() {
        String text = """
                {
                  "version": 1,
                  "keys": [
                    {"id": "k_01234567", "state": "actve"}
                  ]
                }
                """;

        assertThatThrownBy(() -> read(text)).hasMessageContaining(": line 4, column 35: this is none of active,");
    }

    @Test
    void what_an_older_program_or_a_person_left_out_has_its_default() throws IOException {
        assertThat(readKey("\"id\":\"" + ID + "\",\"key\":\"" + KEY + "\"")).containsExactly(Keys.active(KEY));
        assertThat(readKey("\"id\":\"k_01234567\",\"reason\":null"))
                .containsExactly(new StoredKey(
                        "k_01234567",
                        null,
                        null,
                        null,
                        KeySource.CONFIG,
                        KeyState.ACTIVE,
                        null,
                        null,
                        0,
                        0,
                        null,
                        null,
                        0,
                        0));
        assertThat(read("{\"version\":1}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"version\":2,\"keys\":[]}",
                "{\"keys\":{\"a\":[{\"id\":7}]},\"shape\":\"new\",\"version\":2}",
            })
    void a_newer_file_is_refused_by_its_version_whatever_else_it_holds(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(IOException.class)
                .hasMessage("key file /home/k/data/keys.json has version 2, written by a newer Keyway; this one knows"
                        + " versions up to 1: run the newer one, or move the file away to start without the keys added"
                        + " to it");
    }
}
