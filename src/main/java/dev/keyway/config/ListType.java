package dev.keyway.config;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A setting of many values: a YAML list, or one text with commas; a text that begins with a bracket is read as YAML.
 *
 * <p>{@code null} is the empty list. Whether a value twice is dropped or refused is the item's business.
 *
 * @param items makes what reads the values of one list
 * @param blankIsNone nothing after the colon is the empty list too
 * @param secret an empty variable is refused, rather than read as the empty list
 */
record ListType<T>(Supplier<ListType.Item<T>> items, boolean blankIsNone, boolean secret)
        implements SettingType<List<T>> {

    /** Reads the values of one list, one after the other, and may remember them. */
    interface Item<T> {
        /** The next value, which stands at this position, from 1; null when it was refused. */
        @Nullable
        T read(Reading reading, int position);

        @Nullable
        Object show(T value);

        Map<String, Object> schema();
    }

    @Override
    public Optional<List<T>> read(Reading reading) {
        List<RawValue> raw = written(reading);
        if (raw == null) {
            return Optional.empty();
        }
        int before = reading.problems().count();
        Item<T> item = items.get();
        Set<T> values = new LinkedHashSet<>();
        int position = 0;
        for (RawValue one : raw) {
            position++;
            T value = item.read(reading.of(one), position);
            if (value != null) {
                values.add(value);
            }
        }
        return reading.problems().count() == before ? Optional.of(List.copyOf(values)) : Optional.empty();
    }

    private @Nullable List<RawValue> written(Reading reading) {
        if (reading.value() instanceof RawValue.Items items) {
            return items.items();
        }
        if (reading.value() instanceof RawValue.Null none && (blankIsNone || !none.blank())) {
            return List.of();
        }
        if (reading.value() instanceof RawValue.Text text) {
            return split(reading, text);
        }
        reading.problem(
                reading.value() instanceof RawValue.Null
                        ? "has no value; write a list, or [] for none"
                        : "a mapping is not a list");
        return null;
    }

    private @Nullable List<RawValue> split(Reading reading, RawValue.Text text) {
        if (text.text().isBlank()) {
            if (secret || inYaml(text.origin())) {
                reading.problem("is empty; write a value or delete it");
                return null;
            }
            return List.of();
        }
        return parts(text, reading.problems());
    }

    private static boolean inYaml(Origin origin) {
        return origin.line() > 0 && origin.variable().isEmpty();
    }

    /** What one text holds: a YAML list, or words between commas; empty when it was not readable. */
    static List<RawValue> parts(RawValue.Text text, Problems problems) {
        if (text.text().strip().startsWith("[")) {
            RawValue flow = new YamlReader(text.origin(), problems).read(text.text());
            return flow instanceof RawValue.Items items ? items.items() : List.of();
        }
        return Arrays.stream(text.text().split(",", -1))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .<RawValue>map(part -> new RawValue.Text(text.origin(), part))
                .toList();
    }

    @Override
    public Object show(List<T> values) {
        return values.stream().map(items.get()::show).toList();
    }

    @Override
    public Map<String, Object> schema() {
        return Map.of(
                "type", List.of("array", "string", "null"), "items", items.get().schema());
    }

    @Override
    public boolean takesEmpty() {
        return true;
    }

    /** A list of words. */
    static <T> ListType<T> of(ScalarType<T> type) {
        return new ListType<>(() -> new Words<>(type), true, false);
    }

    private record Words<T>(ScalarType<T> type) implements Item<T> {
        @Override
        public @Nullable T read(Reading reading, int position) {
            return type.read(reading).orElse(null);
        }

        @Override
        public @Nullable Object show(T value) {
            return type.show(value);
        }

        @Override
        public Map<String, Object> schema() {
            return type.schema();
        }
    }
}
