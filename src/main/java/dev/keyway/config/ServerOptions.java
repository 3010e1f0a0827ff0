package dev.keyway.config;

import java.time.Duration;

/**
 * The standalone server's own settings; a WAR uses its container's.
 *
 * @param host {@code server.host}, a name or address to bind
 * @param port {@code server.port}; 0 takes any free one
 * @param drainDelay {@code server.drain_delay}: how long requests are still served at a stop after it is no longer ready
 * @param drainTimeout {@code server.drain_timeout}: how long running requests may take to end at a stop
 * @param sendBuffer {@code server.send_buffer}: bytes the system may hold for one client; 0: as many as it likes
 * @param sharedSelectors {@code server.shared_selectors}: the threads that read clients' connections read the upstream's
 *     too
 * @param watchConfig {@code server.watch_config}: how often the configuration's files are looked at; 0: never
 */
public record ServerOptions(
        String host,
        int port,
        Duration drainDelay,
        Duration drainTimeout,
        int sendBuffer,
        boolean sharedSelectors,
        Duration watchConfig) {
    public static final ServerOptions DEFAULTS = new ServerOptions(
            "127.0.0.1", 3000, Duration.ZERO, Duration.ofSeconds(30), 128 * 1024, true, Duration.ofSeconds(1));

    /** The same at another address. */
    public ServerOptions at(String otherHost, int otherPort) {
        return new ServerOptions(
                otherHost, otherPort, drainDelay, drainTimeout, sendBuffer, sharedSelectors, watchConfig);
    }
}
