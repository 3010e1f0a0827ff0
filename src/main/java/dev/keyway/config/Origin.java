package dev.keyway.config;

/**
 * Where a value was written.
 *
 * @param name a file, an environment variable or a flag
 * @param line from 1; 0 when it has no lines
 * @param variable the variable's name when the file is an environment file, else empty
 */
record Origin(String name, int line, String variable) {
    static Origin of(String name) {
        return new Origin(name, 0, "");
    }

    static Origin line(String file, int line) {
        return new Origin(file, line, "");
    }

    /** Whether it is a variable, of the process or of a file of them. */
    boolean isVariable() {
        return !variable.isEmpty()
                || (line == 0
                        && name.chars().allMatch(c -> (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'));
    }

    /** Whether it is a line of the YAML file. */
    boolean isInYaml() {
        return line > 0 && variable.isEmpty();
    }

    /** The same place with another name for the variable. */
    Origin renamed(String other) {
        return variable.isEmpty() ? of(other) : new Origin(name, line, other);
    }

    /** {@code keyway.yml:12}, {@code .env:3 PORT}, {@code PORT} or {@code --port}. */
    String where() {
        String place = line > 0 ? name + ":" + line : name;
        return variable.isEmpty() ? place : place + " " + variable;
    }
}
