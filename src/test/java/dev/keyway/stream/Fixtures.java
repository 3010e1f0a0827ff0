package dev.keyway.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Recorded shapes of answers, and the ways to cut them. */
final class Fixtures {
    private Fixtures() {}

    static String text(String name) {
        return new String(bytes(name), UTF_8);
    }

    static byte[] bytes(String name) {
        try (InputStream in = Objects.requireNonNull(Fixtures.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every cut in two, and one chunk for each byte. */
    static List<List<ByteBuffer>> cuts(byte[] bytes) {
        List<List<ByteBuffer>> all = new ArrayList<>();
        for (int cut = 0; cut <= bytes.length; cut++) {
            all.add(List.of(ByteBuffer.wrap(bytes, 0, cut), ByteBuffer.wrap(bytes, cut, bytes.length - cut)));
        }
        all.add(chunks(bytes, 1));
        return all;
    }

    /** Every cut in two within two bytes of a line's end, and one chunk for each byte. */
    static List<List<ByteBuffer>> cutsAtLineEnds(byte[] bytes) {
        List<List<ByteBuffer>> all = new ArrayList<>();
        for (int cut = 2; cut < bytes.length - 2; cut++) {
            String around = new String(bytes, cut - 2, 4, UTF_8);
            if (around.indexOf('\n') >= 0 || around.indexOf('\r') >= 0) {
                all.add(List.of(ByteBuffer.wrap(bytes, 0, cut), ByteBuffer.wrap(bytes, cut, bytes.length - cut)));
            }
        }
        all.add(chunks(bytes, 1));
        return all;
    }

    static List<ByteBuffer> chunks(byte[] bytes, int size) {
        List<ByteBuffer> chunks = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += size) {
            chunks.add(ByteBuffer.wrap(bytes, at, Math.min(size, bytes.length - at)));
        }
        return chunks;
    }
}
