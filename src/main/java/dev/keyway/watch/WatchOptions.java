package dev.keyway.watch;

/**
 * How clients that leave are noticed while nothing is written to them.
 *
 * @param clients {@code server.watch_clients}
 */
public record WatchOptions(Clients clients) {
    public static final WatchOptions DEFAULTS = new WatchOptions(Clients.AUTO);

    /** The values of {@code server.watch_clients}. */
    public enum Clients {
        /** Their connections are looked up where the system has Linux's table of them. */
        AUTO,
        /** Only a write that fails tells. */
        OFF
    }
}
