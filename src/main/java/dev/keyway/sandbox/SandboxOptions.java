package dev.keyway.sandbox;

import dev.keyway.wire.Secret;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Sandbox} is set up.
 *
 * @param host name or address to listen on
 * @param port port to listen on, 0 takes any free one
 * @param tls certificates to show; null speaks plain HTTP
 * @param clock wall time: free-tier counters, their reset, {@code created}
 * @param random where generation ids come from; safe for use by many threads
 * @param keys the only keys that are accepted, all of account {@code default}; empty accepts every {@code sk-or-…}
 * @param gap pause between two events of a stream, 0 for none
 * @param maxConnections connections served at once; one more is closed at once
 * @param maxBody largest request body in bytes; a larger one is answered 413 before it is read
 * @param maxRecorded requests kept for {@link Sandbox#received()}, the oldest go first
 * @param maxRecordedBytes bytes of bodies kept for them in all; of one answer at most a sixteenth of it is kept
 * @param idleTimeout how long a connection may say nothing between or within requests
 */
public record SandboxOptions(
        String host,
        int port,
        @Nullable SandboxTls tls,
        InstantSource clock,
        RandomGenerator random,
        List<Secret> keys,
        Duration gap,
        int maxConnections,
        int maxBody,
        int maxRecorded,
        long maxRecordedBytes,
        Duration idleTimeout) {
    private static final int MIB = 1 << 20;

    public SandboxOptions {
        keys = List.copyOf(keys);
    }

    /** For tests: loopback, any free port, no pause between events. */
    public static SandboxOptions forTests() {
        return new SandboxOptions(
                "127.0.0.1",
                0,
                null,
                InstantSource.system(),
                new java.security.SecureRandom(),
                List.of(),
                Duration.ZERO,
                2_000,
                64 * MIB,
                10_000,
                64L * MIB,
                Duration.ofSeconds(60));
    }

    /** For people: as for tests, with 20 ms between events so that a stream can be seen. */
    public static SandboxOptions forPeople() {
        return forTests().withGap(Duration.ofMillis(20));
    }

    public SandboxOptions withHost(String value) {
        return new SandboxOptions(
                value,
                port,
                tls,
                clock,
                random,
                keys,
                gap,
                maxConnections,
                maxBody,
                maxRecorded,
                maxRecordedBytes,
                idleTimeout);
    }

    public SandboxOptions withPort(int value) {
        return new SandboxOptions(
                host,
                value,
                tls,
                clock,
                random,
                keys,
                gap,
                maxConnections,
                maxBody,
                maxRecorded,
                maxRecordedBytes,
                idleTimeout);
    }

    public SandboxOptions withTls(SandboxTls value) {
        return new SandboxOptions(
                host,
                port,
                value,
                clock,
                random,
                keys,
                gap,
                maxConnections,
                maxBody,
                maxRecorded,
                maxRecordedBytes,
                idleTimeout);
    }

    public SandboxOptions withClock(InstantSource value) {
        return new SandboxOptions(
                host,
                port,
                tls,
                value,
                random,
                keys,
                gap,
                maxConnections,
                maxBody,
                maxRecorded,
                maxRecordedBytes,
                idleTimeout);
    }

    public SandboxOptions withKeys(List<Secret> value) {
        return new SandboxOptions(
                host,
                port,
                tls,
                clock,
                random,
                value,
                gap,
                maxConnections,
                maxBody,
                maxRecorded,
                maxRecordedBytes,
                idleTimeout);
    }

    public SandboxOptions withGap(Duration value) {
        return new SandboxOptions(
                host,
                port,
                tls,
                clock,
                random,
                keys,
                value,
                maxConnections,
                maxBody,
                maxRecorded,
                maxRecordedBytes,
                idleTimeout);
    }

    /** Limits of what is kept for {@link Sandbox#received()}: requests, and bytes of their bodies in all. */
    public SandboxOptions withRecord(int requests, long bytes) {
        return new SandboxOptions(
                host, port, tls, clock, random, keys, gap, maxConnections, maxBody, requests, bytes, idleTimeout);
    }
}
