package dev.keyway.keys.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Walks a file of JSON and says where it is wrong, by line and column; never what stands there, for that may be a key. A
 * member that is null reads as one that is absent.
 */
final class StrictJson implements Closeable {
    private static final JsonFactory JSON = new JsonFactory();
    private final Path file;
    private final JsonParser parser;

    /** Takes the next step, when the walk stands on the value of this member, or on an element. */
    interface Step<T> {
        void take(T at) throws IOException;
    }

    StrictJson(Path file, byte[] text) throws IOException {
        this.file = file;
        this.parser = JSON.createParser(text);
    }

    /** Whether the text is an array rather than an object; nothing is read of it. */
    static boolean isArray(byte[] text) {
        for (byte b : text) {
            // A blank, a line end or part of a byte order mark.
            if (b > ' ') {
                return b == '[';
            }
        }
        return false;
    }

    /** The one value that the text must be. */
    void whole(Step<StrictJson> value) throws IOException {
        if (advance() == null) {
            throw problem(file, null, "is empty");
        }
        value.take(this);
        if (advance() != null) {
            throw problem("something follows the end");
        }
    }

    void object(Step<String> member) throws IOException {
        expect(JsonToken.START_OBJECT, "an object");
        Set<String> seen = new HashSet<>();
        while (advance() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            if (!seen.add(name)) {
                throw problem("a member stands here for the second time");
            }
            if (advance() != JsonToken.VALUE_NULL) {
                member.take(name);
            }
        }
    }

    void array(Step<StrictJson> element) throws IOException {
        expect(JsonToken.START_ARRAY, "a list");
        while (advance() != JsonToken.END_ARRAY) {
            element.take(this);
        }
    }

    String text() throws IOException {
        expect(JsonToken.VALUE_STRING, "a text");
        return decoded();
    }

    /** A whole number from 0 on. */
    long count() throws IOException {
        expect(JsonToken.VALUE_NUMBER_INT, "a whole number");
        try {
            long count = parser.getLongValue();
            if (count >= 0) {
                return count;
            }
        } catch (JsonProcessingException tooLarge) {
            // Told like a negative one, and without the cause, whose text quotes the value.
        }
        throw problem("this is not a number from 0 to " + Long.MAX_VALUE);
    }

    /** ISO 8601 in UTC. */
    Instant instant() throws IOException {
        String text = text();
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw problem("this is not a moment such as 2026-11-27T20:00:00Z");
        }
    }

    /** The constant whose word stands here. */
    <E> E word(E[] constants, Function<E, String> word) throws IOException {
        String text = text();
        for (E constant : constants) {
            if (word.apply(constant).equals(text)) {
                return constant;
            }
        }
        throw problem("this is none of " + Stream.of(constants).map(word).collect(Collectors.joining(", ")));
    }

    /** A text, number or boolean as text; null for anything else, which is passed over. */
    @Nullable
    String scalar() throws IOException {
        JsonToken token = parser.currentToken();
        if (token != null && token.isScalarValue() && token != JsonToken.VALUE_NULL) {
            return decoded();
        }
        skip();
        return null;
    }

    void skip() throws IOException {
        guarded(parser::skipChildren);
    }

    boolean isObject() {
        return parser.currentToken() == JsonToken.START_OBJECT;
    }

    /** What is wrong at the value the walk stands on. */
    IOException problem(String what) {
        return problem(file, parser.currentTokenLocation(), what);
    }

    /** What is wrong with a file, where, and what to do about it. */
    static IOException problem(Path file, @Nullable JsonLocation at, String what) {
        String place = at == null ? "" : " line " + at.getLineNr() + ", column " + at.getColumnNr() + ":";
        return new IOException("key file " + file + ":" + place + " " + what
                + "; mend it, put a backup in its place, or move it away to start without the keys added to it");
    }

    private void expect(JsonToken token, String what) throws IOException {
        if (parser.currentToken() != token) {
            throw problem("this is not " + what);
        }
    }

    private @Nullable JsonToken advance() throws IOException {
        return guarded(parser::nextToken);
    }

    private String decoded() throws IOException {
        return guarded(parser::getText);
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    private <T> T guarded(Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (JsonEOFException e) {
            throw problem(file, parser.currentLocation(), "the file ends too early");
        } catch (JsonProcessingException e) {
            // Without the cause, whose text quotes the file.
            throw problem(file, e.getLocation(), "this is not JSON");
        }
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
