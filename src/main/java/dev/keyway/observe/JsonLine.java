package dev.keyway.observe;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * One line of a log being written: members in the order of the calls, a null is left out, every text redacted and cut
 * to a length, everything but printable ASCII escaped, so that no value can forge a line or move a terminal's cursor.
 */
final class JsonLine {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .disable(StreamWriteFeature.AUTO_CLOSE_CONTENT)
            .build();
    private static final int TEXT_LIMIT = 1024;
    private static final int PLAIN_DIGITS = 40;

    private final StringWriter text = new StringWriter();
    private final JsonGenerator json;

    private JsonLine() {
        try {
            json = JSON.createGenerator(text);
            json.writeStartObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a string can be written to", e);
        }
    }

    /** A word of our own, plain ASCII, that can hold nothing secret and nothing to escape. */
    JsonLine word(String name, String value) {
        return write(() -> json.writeStringField(name, value));
    }

    JsonLine text(String name, @Nullable String value) {
        return text(name, value, TEXT_LIMIT);
    }

    JsonLine text(String name, @Nullable String value, int limit) {
        return value == null
                ? this
                : write(() -> json.writeStringField(
                        name, Redactor.cut(Redactor.redact(Redactor.cut(value, limit * 2)), limit)));
    }

    JsonLine time(String name, @Nullable Instant instant, ZoneId zone) {
        return instant == null ? this : word(name, LogTime.text(instant, zone));
    }

    JsonLine number(String name, long value) {
        return write(() -> json.writeNumberField(name, value));
    }

    /** A status code; 0 stands for none. */
    JsonLine status(String name, int value) {
        return value == 0 ? this : number(name, value);
    }

    /** A decimal with exactly its digits. */
    JsonLine decimal(String name, @Nullable BigDecimal value) {
        return value == null
                ? this
                : write(() -> {
                    json.writeFieldName(name);
                    json.writeNumber(
                            Math.abs((long) value.scale()) <= PLAIN_DIGITS ? value.toPlainString() : value.toString());
                });
    }

    /** A duration in ms with up to 3 decimals; zero stands for not measured. */
    JsonLine millis(String name, Duration value) {
        return value.isZero()
                ? this
                : decimal(name, BigDecimal.valueOf(value.toNanos() / 1000, 3).stripTrailingZeros());
    }

    JsonLine array(String name) {
        return write(() -> json.writeArrayFieldStart(name));
    }

    JsonLine endArray() {
        return write(json::writeEndArray);
    }

    JsonLine object() {
        return write(json::writeStartObject);
    }

    JsonLine endObject() {
        return write(json::writeEndObject);
    }

    /** The whole line, without line end. */
    String end() {
        write(() -> {
            json.writeEndObject();
            json.close();
        });
        return text.toString();
    }

    private JsonLine write(Step step) {
        try {
            step.run();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("a string can be written to", e);
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    /** Begins lines: the members that every line has. */
    static final class Start {
        private final InstantSource clock;
        private final LogTime time;

        Start(InstantSource clock, ZoneId zone) {
            this.clock = clock;
            this.time = new LogTime(zone);
        }

        JsonLine line(String level, String event, String message) {
            return new JsonLine()
                    .word("time", time.text(clock.instant()))
                    .word("level", level)
                    .word("event", event)
                    .word("message", message);
        }
    }
}
