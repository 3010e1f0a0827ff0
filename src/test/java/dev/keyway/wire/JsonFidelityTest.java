package dev.keyway.wire;

import static dev.keyway.wire.JsonText.parse;
import static dev.keyway.wire.JsonText.sent;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.IntNode;
import dev.keyway.wire.RandomJson.Piece;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Random bodies, always the same ones: the seed of a failing one stands in its message. */
class JsonFidelityTest {
    private static final int ROUNDS = 2_000;

    @Test
    void replaced_member_is_all_that_changes() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            RandomJson random = new RandomJson(seed);
            List<Piece> members = random.members(1 + random.below(6));
            String before = random.blank() + '{';
            String after = '}' + random.blank();
            Piece chosen = members.get(random.below(members.size()));
            String json = before + joined(members) + after;
            String expected = before
                    + members.stream()
                            .map(piece -> piece.equals(chosen) ? piece.key() + "7" + piece.gap() : piece.text())
                            .collect(Collectors.joining(","))
                    + after;

            JsonBody edited = parse(json).with(chosen.name(), IntNode.valueOf(7));

            assertThat(sent(edited)).describedAs("seed %d: %s", seed, json).isEqualTo(expected);
        }
    }

    @Test
    void added_member_stands_behind_the_last_value_and_goes_without_a_trace() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            RandomJson random = new RandomJson(seed);
            List<Piece> members = random.members(1 + random.below(6));
            String before = random.blank() + '{';
            String after = '}' + random.blank();
            String json = before + joined(members) + after;
            String gap = members.get(members.size() - 1).gap();
            String kept = json.substring(0, json.length() - after.length() - gap.length());

            JsonBody edited = parse(json).with("added", IntNode.valueOf(7));

            assertThat(sent(edited))
                    .describedAs("seed %d: %s", seed, json)
                    .isEqualTo(kept + ",\"added\":7" + gap + after);
            assertThat(sent(edited.without("added"))).isEqualTo(json);
        }
    }

    @Test
    void other_members_stay_when_one_is_removed() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            RandomJson random = new RandomJson(seed);
            List<Piece> members = random.members(2 + random.below(5));
            Piece chosen = members.get(random.below(members.size()));
            String json = '{' + joined(members) + '}';

            JsonBody edited = parse(json).without(chosen.name());

            String sent = sent(edited);
            JsonBody again = parse(sent);
            assertThat(again.names())
                    .describedAs("seed %d: %s -> %s", seed, json, sent)
                    .containsExactlyElementsOf(members.stream()
                            .filter(piece -> !piece.equals(chosen))
                            .map(Piece::name)
                            .toList());
            for (Piece piece : members) {
                if (!piece.equals(chosen)) {
                    assertThat(sent).contains(piece.key() + piece.value());
                }
            }
        }
    }

    @Test
    void values_read_as_jackson_reads_them() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        for (int seed = 0; seed < ROUNDS; seed++) {
            RandomJson random = new RandomJson(seed);
            List<Piece> members = random.members(4);
            JsonBody body = parse('{' + joined(members) + '}');

            for (Piece piece : members) {
                JsonNode expected = mapper.readTree(piece.value());
                assertThat(body.text(piece.name()))
                        .describedAs("seed %d: %s", seed, piece.value())
                        .isEqualTo(expected.textValue());
                assertThat(mapper.readTree(String.valueOf(body.node(piece.name()))))
                        .describedAs("seed %d: %s", seed, piece.value())
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void accepts_and_refuses_what_jackson_and_the_jdk_do() {
        int accepted = 0;
        for (int seed = 0; seed < 20 * ROUNDS; seed++) {
            RandomJson random = new RandomJson(seed);
            byte[] bytes = ('{' + joined(random.members(1 + random.below(3))) + '}').getBytes(StandardCharsets.UTF_8);
            mutate(bytes, random);

            boolean accepts = accepts(bytes);

            accepted += accepts ? 1 : 0;
            assertThat(accepts)
                    .describedAs("seed %d: %s", seed, new String(bytes, StandardCharsets.ISO_8859_1))
                    .isEqualTo(referenceAccepts(bytes));
        }
        assertThat(accepted).describedAs("both answers were tried").isBetween(1_000, 20 * ROUNDS - 1_000);
    }

    private static void mutate(byte[] bytes, RandomJson random) {
        String interesting = "{}[]\",:\\u01.eE+-tfn \n\t\0/*'";
        for (int i = random.below(3); i > 0; i--) {
            int at = random.below(bytes.length);
            bytes[at] = random.below(4) == 0
                    ? (byte) random.below(256)
                    : (byte) interesting.charAt(random.below(interesting.length()));
        }
    }

    private static boolean accepts(byte[] bytes) {
        try {
            JsonBody.parse(bytes);
            return true;
        } catch (ApiException e) {
            return false;
        }
    }

    private static boolean referenceAccepts(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return isObjectWithoutDuplicates(text);
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static boolean isObjectWithoutDuplicates(String text) {
        Set<String> names = new HashSet<>();
        try (JsonParser parser = new JsonFactory().createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                if (!names.add(parser.currentName())) {
                    return false;
                }
                parser.nextToken();
                parser.skipChildren();
            }
            return parser.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }

    private static String joined(List<Piece> members) {
        return members.stream().map(Piece::text).collect(Collectors.joining(","));
    }
}
