package dev.keyway.keys.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.keyway.keys.StoredKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The text of the key file: {@code {"version": 1, "encryption": {…}?, "keys": [ {…}, … ]}}, one key a line.
 *
 * <p>A key has {@code id}, {@code source} and {@code state}, and what else of it is neither null nor 0. A stored key has
 * {@code key} or, in a file with {@code encryption}, {@code sealed}; a configured one neither. Read by {@link
 * KeyDocumentReader}.
 */
final class KeyDocument {
    static final int VERSION = 1;
    private static final int BYTES_OF_A_KEY = 300;
    private static final JsonFactory JSON = JsonFactory.builder()
            // Half a surrogate pair in a label has no UTF-8 form.
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();

    private final JsonGenerator json;
    private final @Nullable Seal seal;

    private KeyDocument(JsonGenerator json, @Nullable Seal seal) {
        this.json = json;
        this.seal = seal;
    }

    /**
     * The text of a file that holds these keys.
     *
     * @param seal what to seal them with; null: they stand in clear
     */
    static byte[] write(List<StoredKey> keys, @Nullable Seal seal) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream(BYTES_OF_A_KEY * (keys.size() + 1));
        try (JsonGenerator json = JSON.createGenerator(text)) {
            DefaultPrettyPrinter lines = new DefaultPrettyPrinter();
            lines.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
            lines.indentObjectsWith(DefaultPrettyPrinter.FixedSpaceIndenter.instance);
            json.setPrettyPrinter(lines);
            new KeyDocument(json, seal).write(keys);
            json.writeRaw('\n');
        }
        if (seal != null) {
            Set<String> ids = new HashSet<>();
            keys.forEach(key -> ids.add(key.id()));
            seal.keepOnly(ids);
        }
        return text.toByteArray();
    }

    private void write(List<StoredKey> keys) throws IOException {
        json.writeStartObject();
        json.writeNumberField("version", VERSION);
        if (seal != null) {
            json.writeObjectFieldStart("encryption");
            json.writeStringField("cipher", Seal.CIPHER);
            json.writeStringField("derivation", Seal.DERIVATION);
            json.writeStringField("salt", seal.salt());
            json.writeStringField("check", seal.check());
            json.writeEndObject();
        }
        json.writeArrayFieldStart("keys");
        for (StoredKey key : keys) {
            write(key);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void write(StoredKey key) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", key.id());
        if (key.secret() != null) {
            if (seal == null) {
                json.writeStringField("key", key.secret().reveal());
            } else {
                json.writeStringField("sealed", seal.seal(key.id(), key.secret()));
            }
        }
        text("label", key.label());
        text("account", key.account());
        json.writeStringField("source", key.source().word());
        json.writeStringField("state", key.state().word());
        text("reason", key.reason());
        text("until", key.until());
        count("failures", key.failures());
        count("refusals", key.refusals());
        text("free_until", key.freeUntil());
        text("last_used", key.lastUsed());
        count("served", key.served());
        count("failed", key.failed());
        text("retired", key.retired());
        json.writeEndObject();
    }

    private void text(String name, @Nullable Object value) throws IOException {
        if (value != null) {
            json.writeStringField(name, value.toString());
        }
    }

    private void count(String name, long value) throws IOException {
        if (value != 0) {
            json.writeNumberField(name, value);
        }
    }
}
