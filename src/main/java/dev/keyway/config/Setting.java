package dev.keyway.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * One setting: where it is written, what it takes, what it is when nobody writes it.
 *
 * @param path in YAML, {@code server.port}
 * @param aliases other paths of the same setting, as the seeds wrote it
 * @param fallback the default; the one of the options record that the setting ends in
 * @param variables the seeds' environment variables, highest first; the {@code KEYWAY_} names come before them
 * @param flag of the command line; empty when there is none
 * @param flagUnit what a number without a unit means after the flag
 * @param joined all its variables count together, rather than the first alone
 * @param atStart it counts at the start only; a reload leaves it as it is, and says so
 * @param description one line
 */
record Setting<T>(
        String path,
        List<String> aliases,
        SettingType<T> type,
        T fallback,
        List<Setting.Variable> variables,
        String flag,
        Duration flagUnit,
        boolean joined,
        boolean atStart,
        String description) {

    static final Duration SECOND = Duration.ofSeconds(1);

    /**
     * An environment variable.
     *
     * @param unit what a number without a unit means in it
     * @param numbered {@code NAME_1}, {@code NAME_2} … count too
     */
    record Variable(String name, Duration unit, boolean numbered) {
        static Variable of(String name) {
            return new Variable(name, SECOND, false);
        }

        static Variable millis(String name) {
            return new Variable(name, Duration.ofMillis(1), false);
        }

        static Variable numbered(String name) {
            return new Variable(name, SECOND, true);
        }
    }

    static <T> Setting<T> of(String path, SettingType<T> type, T fallback, String description) {
        return new Setting<>(path, List.of(), type, fallback, List.of(), "", SECOND, false, false, description);
    }

    Setting<T> alias(String... others) {
        return new Setting<>(
                path, List.of(others), type, fallback, variables, flag, flagUnit, joined, atStart, description);
    }

    Setting<T> variables(String... names) {
        return variables(Stream.of(names).map(Variable::of).toArray(Variable[]::new));
    }

    Setting<T> variables(Variable... others) {
        return new Setting<>(
                path, aliases, type, fallback, List.of(others), flag, flagUnit, joined, atStart, description);
    }

    Setting<T> flag(String name) {
        return new Setting<>(path, aliases, type, fallback, variables, name, flagUnit, joined, atStart, description);
    }

    Setting<T> joinVariables() {
        return new Setting<>(path, aliases, type, fallback, variables, flag, flagUnit, true, atStart, description);
    }

    Setting<T> atStartOnly() {
        return new Setting<>(path, aliases, type, fallback, variables, flag, flagUnit, joined, true, description);
    }

    /** The path and its aliases. */
    List<String> paths() {
        return Stream.concat(Stream.of(path), aliases.stream()).toList();
    }

    /** Every variable, highest first: {@code KEYWAY_} and the path in capitals, then the seeds' names. */
    List<Variable> allVariables() {
        List<Variable> all = new ArrayList<>();
        paths().forEach(name -> all.add(Variable.of(variable(name))));
        all.addAll(variables);
        return all;
    }

    /** {@code KEYWAY_SERVER_ACCESS_KEY} for {@code server.access_key}. */
    static String variable(String path) {
        return "KEYWAY_" + path.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /** The default as {@link SettingType#show} shows it. */
    String shownFallback() {
        return String.valueOf(type.show(fallback));
    }
}
