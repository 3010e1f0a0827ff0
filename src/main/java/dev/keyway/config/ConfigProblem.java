package dev.keyway.config;

/**
 * One thing that is wrong with the configuration.
 *
 * @param source where it stands: {@code keyway.yml:12}, {@code .env:3 PORT}, {@code PORT} or {@code --port}
 * @param path the setting, {@code server.port}; empty when it is no setting's fault
 * @param message the value and what is allowed; a secret only as its {@code k_…} id
 */
public record ConfigProblem(String source, String path, String message) {
    /** One line for people: {@code keyway.yml:12: server.port: "x" is not a whole number (0 to 65535)}. */
    public String line() {
        return path.isEmpty() ? source + ": " + message : source + ": " + path + ": " + message;
    }

    @Override
    public String toString() {
        return line();
    }
}
