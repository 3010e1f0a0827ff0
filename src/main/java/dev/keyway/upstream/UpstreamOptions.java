package dev.keyway.upstream;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How Keyway talks to the upstream, and how long it waits.
 *
 * @param baseUrl {@code openrouter.base_url}, absolute, http or https, without query, without a slash at its end
 * @param connectTimeout {@code upstream.connect_timeout}: TCP, and again for the TLS handshake
 * @param firstByteTimeout {@code upstream.first_byte_timeout}: to the status line
 * @param idleTimeout {@code upstream.idle_timeout}: between data events, or bytes that are not padding
 * @param totalTimeout {@code upstream.total_timeout}: of an answer that is no stream
 * @param streamTimeout {@code upstream.stream_timeout}: of a stream
 * @param hold {@code upstream.hold}: how long a 200 without a data event is held back
 * @param keepAliveInterval {@code server.keep_alive_interval}: a silent event stream gets a comment; 0: never
 * @param maxConnections {@code upstream.max_connections} at once
 * @param maxQueued {@code upstream.max_queued} requests waiting for one of them
 * @param receiveBuffer {@code upstream.receive_buffer}: bytes the system may hold of one socket; 0: as many as it likes
 * @param caFile {@code upstream.ca_file}: PEM certificates trusted instead of the Java platform's; null: the platform's
 * @param proxy {@code requestProxy.url} where {@code requestProxy.enabled} is true; null: the upstream is connected to
 * @param retry {@code retry.*}
 * @param circuit {@code upstream.circuit_*}
 * @param maxBody {@code server.max_body}: bytes of a request body, decoded
 */
public record UpstreamOptions(
        URI baseUrl,
        Duration connectTimeout,
        Duration firstByteTimeout,
        Duration idleTimeout,
        Duration totalTimeout,
        Duration streamTimeout,
        Duration hold,
        Duration keepAliveInterval,
        int maxConnections,
        int maxQueued,
        int receiveBuffer,
        @Nullable Path caFile,
        @Nullable OutgoingProxyOptions proxy,
        RetryOptions retry,
        CircuitOptions circuit,
        long maxBody) {
    public static final UpstreamOptions DEFAULTS = new UpstreamOptions(
            URI.create("https://openrouter.ai/api/v1"),
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(10),
            Duration.ofHours(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            4096,
            1024,
            128 * 1024,
            null,
            null,
            RetryOptions.DEFAULTS,
            CircuitOptions.DEFAULTS,
            50L * 1024 * 1024);

    /** The same for bodies of so many bytes. */
    public UpstreamOptions withMaxBody(long bytes) {
        return new UpstreamOptions(
                baseUrl,
                connectTimeout,
                firstByteTimeout,
                idleTimeout,
                totalTimeout,
                streamTimeout,
                hold,
                keepAliveInterval,
                maxConnections,
                maxQueued,
                receiveBuffer,
                caFile,
                proxy,
                retry,
                circuit,
                bytes);
    }
}
