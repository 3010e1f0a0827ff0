package dev.keyway.upstream;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;

/** Whose channels live on another's selectors; asked whatever a selector has to know about one of them. */
public interface SelectorGuest {
    /** Whether a channel registered with this attachment is the guest's. */
    boolean owns(Object attachment);

    /** The number of the selector that a channel is to live on, from 0; -1: it does not matter. */
    int lane(Object attachment);

    /** The end point of a channel that is now connected. */
    EndPoint newEndPoint(SelectableChannel channel, ManagedSelector selector, SelectionKey key) throws IOException;

    /** What reads and writes on it. */
    Connection newConnection(SelectableChannel channel, EndPoint endPoint, Object attachment) throws IOException;

    /** The connection is ready for use. */
    void connectionOpened(Connection connection, Object attachment);

    /** A channel has been connected; also told of channels that are not the guest's. */
    void connectionSucceeded(SelectableChannel channel);

    /** No connection came about. */
    void connectionFailed(SelectableChannel channel, Throwable failure, Object attachment);
}
