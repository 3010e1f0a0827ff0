package dev.keyway.config;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Flags of the command line, or values that a caller sets by path. */
final class OverrideLayer implements Layer {
    /** Flags about where to read from, rather than settings. */
    private static final Set<String> PLACES = Set.of("--home", "--config", "--env-file");

    private final Map<String, String> overrides;

    OverrideLayer(Map<String, String> overrides) {
        this.overrides = overrides;
    }

    @Override
    public @Nullable Written find(Setting<?> setting) {
        String byFlag = setting.flag().isEmpty() ? null : overrides.get(setting.flag());
        if (byFlag != null) {
            return new Written(new RawValue.Text(Origin.of(setting.flag()), byFlag), Setting.SECOND);
        }
        for (String path : setting.paths()) {
            String value = overrides.get(path);
            if (value != null) {
                return new Written(new RawValue.Text(Origin.of(path), value), Setting.SECOND);
            }
        }
        return null;
    }

    /** The names given, sorted; never their values. */
    List<String> names() {
        return overrides.keySet().stream()
                .filter(name -> !PLACES.contains(name))
                .sorted()
                .toList();
    }

    void reportUnknown(Problems problems) {
        Suggestions suggestions = new Suggestions(Suggestions.paths());
        for (String name : names()) {
            boolean known = Settings.ALL.stream()
                    .anyMatch(setting ->
                            setting.flag().equals(name) || setting.paths().contains(name));
            if (!known) {
                problems.add(Origin.of(Masking.name(name)), "", "unknown setting" + suggestions.of(name));
            }
        }
    }
}
