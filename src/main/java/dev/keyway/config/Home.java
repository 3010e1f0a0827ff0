package dev.keyway.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where Keyway lives.
 *
 * @param folder absolute
 * @param source the flag, property or variable that named it, else empty
 */
record Home(Path folder, String source) {

    /**
     * {@code --home}, {@code keyway.home}, {@code KEYWAY_HOME}, in this order; else a WAR's folder below its container's
     * base, else the working folder.
     */
    static Home of(ConfigInputs inputs) {
        String flag = inputs.overrides().get("--home");
        if (flag != null) {
            return new Home(inputs.workingFolder().resolve(flag).normalize(), "--home");
        }
        String property = named(inputs.systemProperties(), "keyway.home");
        if (property != null) {
            return new Home(inputs.workingFolder().resolve(property).normalize(), "keyway.home");
        }
        String variable = named(inputs.environment(), "KEYWAY_HOME");
        if (variable != null) {
            return new Home(inputs.workingFolder().resolve(variable).normalize(), "KEYWAY_HOME");
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
