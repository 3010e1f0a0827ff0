package dev.keyway.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where Keyway lives.
 *
 * @param folder absolute
 * @param source the flag, property or variable that named it, else empty
 */
record Home(Path folder, String source) {
    private static final List<String> SOURCES = List.of("--home", "keyway.home", "KEYWAY_HOME");

    /**
     * {@code --home}, {@code keyway.home}, {@code KEYWAY_HOME}, in this order; else a WAR's folder below its container's
     * base, else the working folder.
     *
     * @throws java.nio.file.InvalidPathException when what is named is no path of this system
     */
    static Home of(ConfigInputs inputs) {
        String source = source(inputs);
        String named = source.isEmpty() ? null : value(inputs, source);
        if (named != null) {
            return new Home(inputs.workingFolder().resolve(named).normalize(), source);
        }
        Path base = inputs.containerBase();
        return base == null
                ? new Home(inputs.workingFolder(), "")
                : new Home(
                        base.toAbsolutePath()
                                .resolve(folderName(inputs.contextName()))
                                .normalize(),
                        "");
    }

    /** Which of them names it; empty when none does. */
    static String source(ConfigInputs inputs) {
        return SOURCES.stream()
                .filter(source -> value(inputs, source) != null)
                .findFirst()
                .orElse("");
    }

    private static @Nullable String value(ConfigInputs inputs, String source) {
        return switch (source) {
            case "--home" -> inputs.overrides().get(source);
            case "keyway.home" -> named(inputs.systemProperties(), source);
            default -> named(inputs.environment(), source);
        };
    }

    /** A property's or variable's value; one that is empty is not set. */
    static @Nullable String named(Map<String, String> names, String name) {
        String value = names.get(name);
        return value == null || value.isBlank() ? null : value;
    }

    /** {@code keyway} for ROOT and {@code /keyway}; slashes inside a context path become {@code #}, as in Tomcat. */
    private static String folderName(@Nullable String context) {
        String name = context == null ? "" : context.replaceFirst("^/+", "").replaceFirst("##.*$", "");
        return name.isBlank() || name.equals("ROOT") ? "keyway" : name.replace('/', '#');
    }

    /** Whether files can be made there; what is missing of the path would be made. */
    boolean writable() {
        Path there = folder;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        return there != null && Files.isDirectory(there) && Files.isWritable(there);
    }
}
