package dev.keyway.exchange;

import java.time.Duration;

/**
 * Where the time of one request went; of the last attempt where it is about the upstream.
 *
 * @param queue waiting for a free connection
 * @param connect opening one, TLS included; zero on a reused connection
 * @param firstByte from the request's arrival to the first byte of the answer to the client
 * @param total from the request's arrival to its end
 * @param own of the time to the first byte, what Keyway itself took: all but waiting for client and upstream
 */
public record Timings(Duration queue, Duration connect, Duration firstByte, Duration total, Duration own) {
    public static final Timings NONE =
            new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
}
