package dev.keyway.watch;

/** How a client's connection ended. */
public enum Departure {
    /** Its side is closed in order; it may still read, which can't be told from having left. */
    CLOSED,
    /** The connection is no more: reset by the client, or given up. */
    RESET
}
