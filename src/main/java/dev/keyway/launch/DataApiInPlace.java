package dev.keyway.launch;

import dev.keyway.upstream.SelectorHost;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets the selector's thread serve the data API, where nothing waits; everything else is handed to the server's pool, since
 * one thread that waited would hold up every connection of its selector.
 */
final class DataApiInPlace extends Handler.Wrapper {
    private final Executor pool;

    DataApiInPlace(Handler served, Executor pool) {
        super(served);
        this.pool = pool;
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String path = Request.getPathInContext(request);
        if (path.startsWith("/v1/") || path.startsWith("/api/v1/")) {
            EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
            request.setAttribute(SelectorHost.LANE, SharedConnector.laneOf(endPoint));
            return super.handle(request, response, callback);
        }
        pool.execute(() -> handleLater(request, response, callback));
        return true;
    }

    private void handleLater(Request request, Response response, Callback callback) {
        try {
            if (!super.handle(request, response, callback)) {
                Response.writeError(request, response, callback, 404);
            }
        } catch (Throwable e) {
            // Nobody else would end the request.
            Response.writeError(request, response, callback, e);
        }
    }
}
