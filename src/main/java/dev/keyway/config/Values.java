package dev.keyway.config;

import dev.keyway.wire.Secret;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Every setting's value after all sources were asked. */
final class Values {
    private static final int HASH_DIGITS = 12;

    private record Value(Object value, @Nullable Origin origin) {}

    private final Map<String, Value> values = new HashMap<>();

    private Values(Map<String, Value> values) {
        this.values.putAll(values);
    }

    /** Asks the sources, highest first; what is refused stands among the problems and counts as the default. */
    Values(List<Layer> layers, Problems problems) {
        Settings.ALL.forEach(setting -> values.put(setting.path(), resolve(setting, layers, problems)));
    }

    private static <T> Value resolve(Setting<T> setting, List<Layer> layers, Problems problems) {
        for (Layer layer : layers) {
            Layer.Written written = layer.find(setting);
            if (written != null) {
                Reading reading = new Reading(setting.path(), written.value(), written.unit(), problems);
                T value = setting.type().read(reading).orElse(setting.fallback());
                Origin origin = written.value().origin();
                return new Value(value, origin);
            }
        }
        return new Value(setting.fallback(), null);
    }

    @SuppressWarnings("unchecked") // put there by the setting of the same path, whose type made it
    <T> T get(Setting<T> setting) {
        Value value = values.get(setting.path());
        return value == null ? setting.fallback() : (T) value.value();
    }

    /** Where the value was written; "default" when nowhere. */
    Origin origin(Setting<?> setting) {
        Value value = values.get(setting.path());
        return value == null || value.origin() == null ? Origin.of("default") : value.origin();
    }

    boolean isWritten(Setting<?> setting) {
        Value value = values.get(setting.path());
        return value != null && value.origin() != null;
    }

    /** Gives a setting that nobody wrote the value that another one means. */
    <T> void imply(Setting<T> setting, T value, Setting<?> by) {
        values.put(setting.path(), new Value(value, origin(by)));
    }

    /** The same, but what counts at the start only as it is in {@code running}. */
    Values keepingWhatCountsAtStart(Values running) {
        Values kept = new Values(values);
        Settings.ALL.stream().filter(Setting::atStart).forEach(setting -> {
            Value started = running.values.get(setting.path());
            if (started != null) {
                kept.values.put(setting.path(), started);
            }
        });
        return kept;
    }

    /** What differs from {@code before}, in the order of the table. */
    List<SettingChange> changesSince(Values before) {
        return Settings.ALL.stream()
                .filter(setting -> !fingerprint(setting).equals(before.fingerprint(setting)))
                .map(setting -> new SettingChange(
                        setting.path(),
                        before.shown(setting).value(),
                        shown(setting).value(),
                        shown(setting).source(),
                        setting.atStart()))
                .toList();
    }

    private <T> String fingerprint(Setting<T> setting) {
        return setting.type().fingerprint(get(setting));
    }

    /** 12 hex digits that differ where any value does, in this process or another. */
    String hash() {
        String all = Settings.ALL.stream()
                .map(setting -> setting.path() + "=" + fingerprint(setting))
                .collect(Collectors.joining("\0"));
        return HexFormat.of().formatHex(Secret.sha256(all)).substring(0, HASH_DIGITS);
    }

    List<SettingValue> shown() {
        return Settings.ALL.stream().map(this::shown).toList();
    }

    private <T> SettingValue shown(Setting<T> setting) {
        String text = String.valueOf(setting.type().show(get(setting)));
        return new SettingValue(setting.path(), text, origin(setting).where());
    }
}
