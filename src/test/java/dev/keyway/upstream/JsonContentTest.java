package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.eclipse.jetty.io.Content;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonContentTest {
    private final Random random = new Random(7);

    @Test
    void an_ordinary_rewritten_body_is_one_piece() {
        List<Content.Chunk> pieces = pieces(new JsonContent(slices(1, 24, 900, 27, 1)));

        assertThat(pieces).hasSize(1);
        assertThat(pieces.get(0).isLast()).isTrue();
    }

    @Test
    void a_large_value_is_sent_from_where_it_lies() {
        ByteBuffer large = bytes(20 * 1024 * 1024);

        List<Content.Chunk> pieces = pieces(new JsonContent(List.of(bytes(10), bytes(20), large, bytes(3))));

        assertThat(pieces).hasSize(1 + 20 * 1024 / 32 + 1);
        assertThat(pieces.subList(1, pieces.size() - 1))
                .allMatch(piece -> sharesMemory(piece.getByteBuffer(), large))
                .allMatch(piece -> piece.remaining() <= JsonContent.PIECE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, JsonContent.SMALL - 1, JsonContent.SMALL, JsonContent.SMALL + 1, JsonContent.PIECE})
    void the_pieces_are_the_bytes_of_the_slices_in_their_order(int largest) {
        int[] sizes =
                IntStream.range(0, 60).map(i -> random.nextInt(largest + 1)).toArray();
        List<ByteBuffer> slices = slices(sizes);
        byte[] expected = all(slices);

        JsonContent content = new JsonContent(slices);
        List<Content.Chunk> pieces = pieces(content);

        assertThat(content.getLength()).isEqualTo(expected.length);
        assertThat(all(pieces.stream().map(Content.Chunk::getByteBuffer).toList()))
                .isEqualTo(expected);
        assertThat(pieces).allMatch(piece -> piece.remaining() <= JsonContent.PIECE);
    }

    @Test
    void the_slices_stay_readable_for_the_next_attempt() {
        List<ByteBuffer> slices = slices(5, 5, 5);
        byte[] first = all(pieces(new JsonContent(slices)).stream()
                .map(Content.Chunk::getByteBuffer)
                .toList());

        assertThat(all(slices)).isEqualTo(first);
    }

    @SuppressWarnings("ByteBufferBackingArray") // only to see whose array it is
    private static boolean sharesMemory(ByteBuffer one, ByteBuffer other) {
        return one.array() == other.array();
    }

    private ByteBuffer bytes(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private List<ByteBuffer> slices(int... sizes) {
        return IntStream.of(sizes).mapToObj(this::bytes).toList();
    }

    private static List<Content.Chunk> pieces(JsonContent content) {
        List<Content.Chunk> pieces = new ArrayList<>();
        boolean last = false;
        while (!last) {
            Content.Chunk piece = Objects.requireNonNull(content.read());
            last = piece.isLast();
            pieces.add(piece);
        }
        return pieces;
    }

    private static byte[] all(List<ByteBuffer> buffers) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (ByteBuffer buffer : buffers) {
            ByteBuffer view = buffer.duplicate();
            byte[] bytes = new byte[view.remaining()];
            view.get(bytes);
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }
}
