package dev.keyway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A JSON object kept as the bytes that came. */
public final class JsonBody {
    private final byte[] bytes;

    private JsonBody(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Takes the bytes of one JSON object.
     *
     * @throws ApiException 400 when they are anything else
     */
    public static JsonBody parse(byte[] bytes) {
        return new JsonBody(bytes);
    }

    /** The text of a top-level string member; null when it is absent or no string. */
    public @Nullable String text(String name) {
        return null;
    }

    /** A tree of one top-level member; null when it is absent. */
    public @Nullable JsonNode node(String name) {
        return null;
    }

    /** The same object with this member replaced in place, or appended. */
    public JsonBody with(String name, JsonNode value) {
        return this;
    }

    /** The same object without this member. */
    public JsonBody without(String name) {
        return this;
    }

    /** The bytes to send, in order; they share the memory of the original. */
    public List<ByteBuffer> slices() {
        return List.of(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
    }

    /** Length of all slices, in bytes. */
    public long length() {
        return bytes.length;
    }
}
