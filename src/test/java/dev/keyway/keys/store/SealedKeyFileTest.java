package dev.keyway.keys.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyway.keys.KeyStateStore;
import dev.keyway.keys.StoredKey;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedKeyFileTest extends KeyStateStoreContract {
    private static final String MASTER = "a master key of mine";
    private static final Pattern SEALED = Pattern.compile("\"sealed\" : \"([^\"]+)\"");

    @TempDir
    private Path home;

    @Override
    KeyStateStore fresh() {
        return with(MASTER);
    }

    @Override
    KeyStateStore after(KeyStateStore closed) {
        return fresh();
    }

    private KeyStateStore with(@Nullable String master) {
        KeyStoreOptions options = new KeyStoreOptions(master == null ? null : new Secret(master));
        return KeyStateStores.open(home, options, InstantSource.fixed(Keys.NOW));
    }

    private Path file() {
        return home.resolve("data/keys.json");
    }

    private String kept(@Nullable String master, List<StoredKey> keys) throws IOException {
        try (KeyStateStore store = with(master)) {
            store.load();
            keep(store, () -> keys);
        }
        return Files.readString(file());
    }

    private List<StoredKey> loaded(@Nullable String master) throws IOException {
        try (KeyStateStore store = with(master)) {
            return store.load();
        }
    }

    private static List<String> sealed(String text) {
        return SEALED.matcher(text)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    @Test
    void no_key_and_no_master_key_stands_in_the_file() throws IOException {
        String text = kept(MASTER, Keys.ALL_KINDS);

        assertThat(text).doesNotContain("sk-or-", MASTER).contains("\"cipher\" : \"AES-256-GCM\"");
        assertThat(sealed(text))
                .hasSize(2)
                .allSatisfy(key -> assertThat(new String(Base64.getDecoder().decode(key), StandardCharsets.ISO_8859_1))
                        .doesNotContain("sk-or-"));
    }

    @Test
    void another_master_key_is_refused_and_the_file_left_as_it_was() throws IOException {
        String before = kept(MASTER, Keys.ALL_KINDS);

        try (KeyStateStore store = with("another master key")) {
            assertThatThrownBy(store::load)
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "key file " + file() + " was encrypted with another master key than KEYWAY_MASTER_KEY (or"
                                    + " keys.master_key) now is; it is left as it was: set the one it was written with");
            assertThatThrownBy(() -> keep(store, List::of)).hasRootCauseInstanceOf(IOException.class);
        }

        assertThat(file()).hasContent(before);
    }

    @Test
    void another_master_key_is_refused_even_where_no_key_is_sealed() throws IOException {
        kept(MASTER, List.of());

        assertThatThrownBy(() -> loaded("another master key")).hasMessageContaining("another master key");
    }

    @Test
    void an_encrypted_file_without_a_master_key_is_refused_and_left_as_it_was() throws IOException {
        String before = kept(MASTER, Keys.ALL_KINDS);

        assertThatThrownBy(() -> loaded(null))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "key file " + file() + " is encrypted and there is no master key: set KEYWAY_MASTER_KEY to the"
                                + " one it was written with");
        assertThat(file()).hasContent(before);
    }

    @Test
    void a_file_in_clear_is_read_and_encrypted_by_the_next_write() throws IOException {
        assertThat(kept(null, Keys.ALL_KINDS)).contains("sk-or-v1-one");

        assertThat(loaded(MASTER)).isEqualTo(Keys.ALL_KINDS);
        assertThat(Files.readString(file())).as("loading writes nothing").contains("sk-or-v1-one");
        assertThat(kept(MASTER, Keys.ALL_KINDS)).doesNotContain("sk-or-");
        assertThat(loaded(MASTER)).isEqualTo(Keys.ALL_KINDS);
    }

    @Test
    void a_key_that_a_person_added_in_clear_is_sealed_by_the_next_write() throws IOException {
        String text = kept(MASTER, List.of());
        StoredKey added = Keys.active("sk-or-v1-two");
        Files.writeString(
                file(),
                text.replaceAll(
                        "\"keys\" : \\[ *]", "\"keys\" : [{\"id\":\"" + added.id() + "\",\"key\":\"sk-or-v1-two\"}]"));

        List<StoredKey> keys = loaded(MASTER);

        assertThat(keys).containsExactly(added);
        assertThat(kept(MASTER, keys)).doesNotContain("sk-or-");
    }

    @Test
    void what_was_sealed_for_one_key_opens_for_no_other() throws IOException {
        String text = kept(MASTER, List.of(Keys.active("sk-or-v1-one"), Keys.active("sk-or-v1-two")));
        List<String> sealed = sealed(text);
        Files.writeString(file(), text.replace(sealed.get(0), sealed.get(1)));

        assertRefused(
                () -> loaded(MASTER),
                "what is sealed under " + Keys.active("sk-or-v1-one").id() + " was changed");
    }

    @Test
    void a_sealed_key_of_which_a_bit_was_changed_or_that_was_cut_is_refused() throws IOException {
        String text = kept(MASTER, List.of(Keys.active("sk-or-v1-one")));
        String sealed = sealed(text).get(0);
        byte[] bytes = Base64.getDecoder().decode(sealed);

        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            byte[] cut = Arrays.copyOf(bytes, i);
            for (byte[] wrong : List.of(changed, cut)) {
                Files.writeString(
                        file(), text.replace(sealed, Base64.getEncoder().encodeToString(wrong)));
                assertOpensNot(text);
            }
        }
        Files.writeString(file(), text.replace(sealed, "no Base64!"));
        assertOpensNot(text);
    }

    /** With the seal made once: deriving it takes half a second each time. */
    private void assertOpensNot(String whole) {
        assertRefused(
                () -> KeyDocumentReader.read(file(), Files.readAllBytes(file()), salt -> seal(whole, salt)),
                "was changed, or was sealed for another key");
    }

    private final List<Seal> seals = new ArrayList<>();

    private Seal seal(String whole, byte[] salt) {
        if (seals.isEmpty()) {
            assertThat(whole).contains(Base64.getEncoder().encodeToString(salt));
            seals.add(Seal.of(new Secret(MASTER), salt));
        }
        return seals.get(0);
    }

    private static void assertRefused(ThrowingCallable reading, String what) {
        assertThatThrownBy(reading)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(what)
                .hasMessageNotContaining("sk-or-")
                .hasNoCause();
    }

    @Test
    void a_damaged_head_of_the_encryption_is_refused() throws IOException {
        String text = kept(MASTER, Keys.ALL_KINDS);
        try (KeyStateStore store = with(MASTER)) {
            Files.writeString(file(), text.replace("\"AES-256-GCM\"", "\"ROT13\""));
            assertThatThrownBy(store::load).hasMessageContaining("only AES-256-GCM is known");
            Files.writeString(file(), text.replace("-210000\"", "-1\""));
            assertThatThrownBy(store::load).hasMessageContaining("only PBKDF2-HMAC-SHA512-210000 is known");
            Files.writeString(file(), text.replaceAll("\"salt\" : \"..", "\"salt\" : \"!!"));
            assertThatThrownBy(store::load).hasMessageContaining("the salt is not Base64");
            Files.writeString(file(), text.replaceAll("\"salt\" : \"[^\"]*\",", ""));
            assertThatThrownBy(store::load).hasMessageContaining("another master key");
        }
    }

    /** Else a pool that changes every second would use up the 2³² random nonces that one key may have. */
    @Test
    void a_key_is_sealed_once_and_with_a_nonce_of_its_own() throws IOException {
        List<StoredKey> two = List.of(Keys.active("sk-or-v1-one"), Keys.active("sk-or-v1-two"));
        List<String> first = sealed(kept(MASTER, two));

        List<String> later = sealed(kept(MASTER, List.of(Keys.served("sk-or-v1-one", 7), two.get(1))));

        assertThat(later).isEqualTo(first);
        assertThat(first.stream().map(key -> key.substring(0, 16))).doesNotHaveDuplicates();
    }

    @Test
    void the_same_master_key_seals_another_file_under_another_key() throws IOException {
        String one = kept(MASTER, Keys.ALL_KINDS);
        Files.delete(file());

        String other = kept(MASTER, Keys.ALL_KINDS);

        assertThat(sealed(other)).doesNotContainAnyElementsOf(sealed(one));
        Files.writeString(
                file(), other.replace(sealed(other).get(0), sealed(one).get(0)));
        assertThatThrownBy(() -> loaded(MASTER)).hasMessageContaining("was changed");
    }

    @Test
    void options_show_nothing_of_the_master_key() {
        Secret master = new Secret(MASTER);

        assertThat(new KeyStoreOptions(master).toString()).doesNotContain(MASTER, master.id());
    }
}
