package dev.keyway.exchange;

/** One header field line as it came or goes; the name in the spelling of its sender. */
public record Header(String name, String value) {
    public boolean is(String other) {
        return name.equalsIgnoreCase(other);
    }
}
