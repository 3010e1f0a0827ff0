package dev.keyway.launch;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.Executor;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;

/** Listens for clients, and takes no more of them than there are {@linkplain ClientPlaces places}. */
class ClientConnector extends ServerConnector {
    private final ClientPlaces places = new ClientPlaces();

    /** @param selectors how many; -1: as many as the server finds right */
    ClientConnector(Server server, @Nullable Executor executor, int selectors, HttpConnectionFactory http) {
        super(server, executor, null, null, 1, selectors, http);
        addBean(places);
    }

    final ClientPlaces places() {
        return places;
    }

    @Override
    public void accept(int acceptor) throws IOException {
        places.await();
        super.accept(acceptor);
    }

    @Override
    protected boolean handleAcceptFailure(Throwable failure) {
        if (failure instanceof IOException && !(failure instanceof ClosedChannelException) && isRunning()) {
            places.refused(failure);
            return true;
        }
        return super.handleAcceptFailure(failure);
    }
}
