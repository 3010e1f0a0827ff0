package dev.keyway.upstream;

import java.nio.channels.SelectableChannel;
import java.time.Duration;

/**
 * The selectors of the server that Keyway itself runs, on which its connections to the upstream live too: what the upstream
 * says is then read by a thread that also serves clients, without a hand-over between two of them.
 */
public interface SelectorHost {
    /** Context attribute: the server's own, where it has one. */
    String ATTRIBUTE = SelectorHost.class.getName();

    /** Request attribute: the number of the selector that a client's connection lives on, an {@code Integer}. */
    String LANE = ATTRIBUTE + ".lane";

    /** How many selectors there are. */
    int lanes();

    /**
     * Lets the one guest in; before any of its channels come.
     *
     * @param connectTimeout for its connections
     */
    void admit(SelectorGuest guest, Duration connectTimeout);

    /** Registers a channel that is being connected. */
    void connect(SelectableChannel channel, Object attachment);

    /** Registers a channel that is connected. */
    void accept(SelectableChannel channel, Object attachment);

    /**
     * Runs what may complete a client's exchange. What the server then has to do with that client's connection is done
     * behind it, on this thread, instead of by another one that had to be woken.
     */
    void completing(Runnable step);
}
