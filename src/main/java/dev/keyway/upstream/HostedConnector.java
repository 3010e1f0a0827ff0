package dev.keyway.upstream;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.Map;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;

/** Opens connections that live on the selectors of a {@link SelectorHost}; it has none of its own. */
final class HostedConnector extends ClientConnector {
    private final SelectorHost host;

    HostedConnector(SelectorHost host) {
        this.host = host;
    }

    @Override
    protected SelectorManager newSelectorManager() {
        Guest guest = new Guest();
        host.admit(guest, getConnectTimeout());
        return guest;
    }

    /** Never started as a manager of selectors: it hands channels on and knows what they are for. */
    private final class Guest extends ClientSelectorManager implements SelectorGuest {
        Guest() {
            super(HostedConnector.this.getExecutor(), HostedConnector.this.getScheduler(), 1);
        }

        @Override
        protected void doStart() {
            // No selector of its own.
        }

        @Override
        protected void doStop() {
            // The client closes its connections itself.
        }

        @Override
        public void connect(SelectableChannel channel, Object attachment) {
            host.connect(channel, attachment);
        }

        @Override
        public void accept(SelectableChannel channel, Object attachment) {
            host.accept(channel, attachment);
        }

        @Override
        public boolean owns(Object attachment) {
            return attachment instanceof Map<?, ?> context && context.get(CONTEXT_KEY) == HostedConnector.this;
        }

        @Override
        public int lane(Object attachment) {
            return attachment instanceof Map<?, ?> context
                            && context.get(Destination.CONTEXT_KEY) instanceof Destination destination
                            && destination.getOrigin().getTag() instanceof Integer lane
                    ? lane
                    : -1;
        }

        @Override
        public EndPoint newEndPoint(SelectableChannel channel, ManagedSelector selector, SelectionKey key) {
            return super.newEndPoint(channel, selector, key);
        }

        @Override
        public Connection newConnection(SelectableChannel channel, EndPoint endPoint, Object attachment)
                throws IOException {
            return super.newConnection(channel, endPoint, attachment);
        }

        @Override
        public void connectionSucceeded(SelectableChannel channel) {
            super.connectionSucceeded(channel);
        }

        @Override
        public void connectionFailed(SelectableChannel channel, Throwable failure, Object attachment) {
            super.connectionFailed(channel, failure, attachment);
        }
    }
}
