package dev.keyway.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Between JSON bodies and what a test can read. */
public final class JsonText {
    private JsonText() {}

    public static JsonBody parse(String json) {
        return JsonBody.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    /** What the upstream would receive. */
    public static String sent(JsonBody body) {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(body.length()));
        body.slices().forEach(all::put);
        return new String(all.array(), StandardCharsets.UTF_8);
    }
}
