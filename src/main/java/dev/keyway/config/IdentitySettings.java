package dev.keyway.config;

import dev.keyway.filter.IdentityOptions;
import dev.keyway.filter.IdentityOptions.Mode;
import java.util.List;
import java.util.Optional;

/** The settings of one header of {@code identity}, and what they come to together. */
record IdentitySettings(
        Setting<Mode> mode, Setting<Optional<String>> overrideValue, Setting<Optional<String>> defaultValue) {
    private static final IdentitySettings USER_AGENT =
            new IdentitySettings(Settings.USER_AGENT_MODE, Settings.USER_AGENT_OVERRIDE, Settings.USER_AGENT_DEFAULT);
    private static final IdentitySettings REFERER =
            new IdentitySettings(Settings.REFERER_MODE, Settings.REFERER_OVERRIDE, Settings.REFERER_DEFAULT);
    private static final IdentitySettings TITLE =
            new IdentitySettings(Settings.TITLE_MODE, Settings.TITLE_OVERRIDE, Settings.TITLE_DEFAULT);

    /** Who gives a value by flag or variable and no mode anywhere means it to be sent. */
    static void implyModes(Values values) {
        for (IdentitySettings one : all()) {
            boolean inFile = values.origin(one.overrideValue).isInYaml();
            if (values.get(one.overrideValue).isPresent() && !values.isWritten(one.mode) && !inFile) {
                values.imply(one.mode, Mode.OVERRIDE, one.overrideValue);
            }
        }
    }

    static IdentityOptions bind(Values values) {
        return new IdentityOptions(USER_AGENT.field(values), REFERER.field(values), TITLE.field(values));
    }

    static void check(Values values, Problems problems) {
        for (IdentitySettings one : all()) {
            boolean overrides = values.get(one.mode) == Mode.OVERRIDE;
            boolean valued = values.get(one.overrideValue).isPresent();
            if (overrides && !valued) {
                problems.warn(
                        values.origin(one.mode),
                        one.mode.path(),
                        "override needs " + one.overrideValue.path() + "; without it the default is sent");
            } else if (valued && !overrides) {
                problems.warn(
                        values.origin(one.overrideValue),
                        one.overrideValue.path(),
                        "is not used, because " + one.mode.path() + " is "
                                + one.mode.type().show(values.get(one.mode)));
            }
        }
    }

    private IdentityOptions.Field field(Values values) {
        return new IdentityOptions.Field(
                values.get(mode),
                values.get(overrideValue).orElse(null),
                values.get(defaultValue).orElse(null));
    }

    private static List<IdentitySettings> all() {
        return List.of(USER_AGENT, REFERER, TITLE);
    }
}
