package dev.keyway.keys.store;

import dev.keyway.keys.StoredKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link KeyDocument} writes, and what people make of it: an unknown member is refused, since a typing error
 * would lose what was meant; a missing one has its default, as in files of older programs; a key may stand in clear in a
 * file with {@code encryption}, and is sealed by the next write. A member that is added later raises the version.
 */
final class KeyDocumentReader {
    private final Path file;
    private final StrictJson json;
    private final @Nullable Function<byte[], Seal> unseal;
    private final List<StoredKey> keys = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private @Nullable Seal seal;

    /**
     * What a file holds.
     *
     * @param seal what its keys are sealed with; null when they stand in clear
     */
    record Content(List<StoredKey> keys, @Nullable Seal seal) {}

    private KeyDocumentReader(Path file, StrictJson json, @Nullable Function<byte[], Seal> unseal) {
        this.file = file;
        this.json = json;
        this.unseal = unseal;
    }

    /**
     * Reads a file's text.
     *
     * @param unseal makes the seal for a salt; null when there is no master key
     * @throws IOException that says what is wrong and where, and repeats nothing of it
     */
    static Content read(Path file, byte[] text, @Nullable Function<byte[], Seal> unseal) throws IOException {
        checkVersion(file, text);
        try (StrictJson json = new StrictJson(file, text)) {
            KeyDocumentReader reader = new KeyDocumentReader(file, json, unseal);
            json.whole(document -> document.object(reader::member));
            return new Content(List.copyOf(reader.keys), reader.seal);
        }
    }

    /** Before all else: what a newer file holds this program can't judge. */
    private static void checkVersion(Path file, byte[] text) throws IOException {
        long[] version = {0};
        try (StrictJson json = new StrictJson(file, text)) {
            json.whole(document -> document.object(name -> {
                if (name.equals("version")) {
                    version[0] = json.count();
                } else {
                    json.skip();
                }
            }));
        }
        if (version[0] > KeyDocument.VERSION) {
            throw new IOException("key file " + file + " has version " + version[0]
                    + ", written by a newer Keyway; this one knows versions up to " + KeyDocument.VERSION
                    + ": run the newer one, or move the file away to start without the keys added to it");
        }
        if (version[0] == 0) {
            throw StrictJson.problem(file, null, "there is no \"version\"");
        }
    }

    private void member(String name) throws IOException {
        switch (name) {
            case "version" -> json.skip();
            case "encryption" -> encryption();
            case "keys" -> json.array(element -> key());
            default -> throw unknown("version, encryption, keys");
        }
    }

    private void encryption() throws IOException {
        if (!keys.isEmpty()) {
            throw json.problem("\"encryption\" must stand before \"keys\"");
        }
        if (unseal == null) {
            throw new IOException(
                    "key file " + file + " is encrypted and there is no master key: set KEYWAY_MASTER_KEY to"
                            + " the one it was written with");
        }
        String[] found = {"", ""};
        json.object(name -> {
            switch (name) {
                case "cipher" -> only(Seal.CIPHER);
                case "derivation" -> only(Seal.DERIVATION);
                case "salt" -> found[0] = json.text();
                case "check" -> found[1] = json.text();
                default -> throw unknown("cipher, derivation, salt, check");
            }
        });
        byte[] salt;
        try {
            salt = Base64.getDecoder().decode(found[0]);
        } catch (IllegalArgumentException e) {
            throw json.problem("the salt is not Base64");
        }
        Seal made = unseal.apply(salt);
        if (!made.passes(found[1])) {
            throw new IOException(
                    "key file " + file + " was encrypted with another master key than KEYWAY_MASTER_KEY (or"
                            + " keys.master_key) now is; it is left as it was: set the one it was written with");
        }
        seal = made;
    }

    private void only(String value) throws IOException {
        if (!json.text().equals(value)) {
            throw json.problem("only " + value + " is known");
        }
    }

    private void key() throws IOException {
        KeyEntry entry = new KeyEntry(json);
        json.object(entry::member);
        StoredKey key = entry.read(seal);
        if (!ids.add(key.id())) {
            throw json.problem("a second key has the id " + key.id());
        }
        keys.add(key);
    }

    private IOException unknown(String known) {
        return json.problem("unknown member; known: " + known);
    }
}
