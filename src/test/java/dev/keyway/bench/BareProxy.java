package dev.keyway.bench;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.ee10.proxy.AsyncProxyServlet;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Jetty's own proxy servlet in an embedded Jetty, as little changed as the benchmark allows. */
final class BareProxy {
    /** What both this server and the WAR of the same servlet set; the servlet's defaults are too low for the load. */
    static final Map<String, String> SETTINGS = Map.of(
            "maxThreads", "200",
            "maxConnections", "16384",
            "timeout", "0",
            "idleTimeout", "600000",
            "viaHost", "bare");

    private BareProxy() {}

    /** Arguments: the port to listen on, the upstream's port. */
    public static void main(String[] args) throws Exception {
        Server server = new Server(new QueuedThreadPool());
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(args[0]));
        connector.setAcceptQueueSize(1024);
        connector.setIdleTimeout(600_000);
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/", false, false);
        ServletHolder holder = new ServletHolder(new Streaming());
        holder.setInitParameters(SETTINGS);
        holder.setInitParameter("proxyTo", "http://127.0.0.1:" + args[1]);
        holder.setInitParameter("prefix", "/");
        holder.setAsyncSupported(true);
        context.addServlet(holder, "/*");
        server.setHandler(context);
        server.start();
        server.join();
    }

    /**
     * The servlet never flushes, so the events of a stream would come when its buffer is full. Without a buffer each
     * write goes out.
     */
    static final class Streaming extends AsyncProxyServlet.Transparent {
        private static final long serialVersionUID = 1L;

        @Override
        protected void onServerResponseHeaders(
                HttpServletRequest clientRequest, HttpServletResponse proxyResponse, Response serverResponse) {
            super.onServerResponseHeaders(clientRequest, proxyResponse, serverResponse);
            if ("text/event-stream".equals(proxyResponse.getContentType())) {
                proxyResponse.setBufferSize(1);
            }
        }
    }
}
