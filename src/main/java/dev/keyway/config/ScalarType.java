package dev.keyway.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A setting of one word.
 *
 * @param what the values with their article, as in "is not a duration (examples: 30s, 5m)"
 * @param range which of them are allowed, for "is out of range: 1 to 10"; empty when all are
 */
record ScalarType<T>(
        String what,
        ScalarType.Parser<T> parser,
        Predicate<T> allowed,
        String range,
        Function<T, @Nullable Object> shown,
        Map<String, Object> schema)
        implements SettingType<T> {

    /** Reads text without blanks around it. */
    @FunctionalInterface
    interface Parser<T> {
        Optional<T> parse(String text, Duration unit);
    }

    @Override
    public Optional<T> read(Reading reading) {
        if (reading.value() instanceof RawValue.Text text) {
            return parse(reading, text.text().strip());
        }
        if (reading.value() instanceof RawValue.Null none) {
            reading.problem(
                    none.blank() ? "has no value; write " + what + " or delete the line" : "null is not " + what);
        } else {
            reading.problem((reading.value() instanceof RawValue.Items ? "a list" : "a mapping") + " is not " + what);
        }
        return Optional.empty();
    }

    private Optional<T> parse(Reading reading, String text) {
        if (text.isEmpty()) {
            reading.problem("is empty; write " + what + " or delete it");
            return Optional.empty();
        }
        Optional<T> value = parser.parse(text, reading.unit());
        if (value.isEmpty()) {
            reading.problem(Masking.quoted(text) + " is not " + what);
        } else if (!allowed.test(value.get())) {
            reading.problem(Masking.quoted(text) + " is out of range: " + range);
            return Optional.empty();
        }
        return value;
    }

    @Override
    public @Nullable Object show(T value) {
        return shown.apply(value);
    }

    /** The same values, and {@code null} for none. */
    SettingType<Optional<T>> optional() {
        return new OptionalType<>(this);
    }

    private record OptionalType<T>(ScalarType<T> type) implements SettingType<Optional<T>> {
        @Override
        public Optional<Optional<T>> read(Reading reading) {
            if (reading.value() instanceof RawValue.Null none && !none.blank()) {
                return Optional.of(Optional.empty());
            }
            Optional<T> value = type.read(reading);
            return value.isPresent() ? Optional.of(value) : Optional.empty();
        }

        @Override
        public @Nullable Object show(Optional<T> value) {
            return value.isEmpty() ? null : type.show(value.get());
        }

        @Override
        public Map<String, Object> schema() {
            Map<String, Object> schema = new LinkedHashMap<>(type.schema());
            schema.put("type", List.of("string", "null"));
            return schema;
        }
    }
}
