package dev.keyway.limit;

/** Whole seconds, never earlier than what they stand for. */
final class Seconds {
    private static final long NANOS = 1_000_000_000;

    private Seconds() {}

    static long up(long nanos) {
        return (nanos + NANOS - 1) / NANOS;
    }
}
