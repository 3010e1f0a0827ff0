package dev.keyway.launch;

import dev.keyway.app.GatewayContextListener;
import dev.keyway.config.ServerOptions;
import dev.keyway.upstream.SelectorHost;
import jakarta.servlet.ServletContextListener;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHandler;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Keyway's own HTTP server: an embedded Jetty that serves one servlet context at {@code /}, wired by the same listener
 * as in a stock container.
 *
 * <p>At most 24 threads, or four per core, since nothing waits on one of them. Request headers are at most
 * {@value #MAX_HEADER_BYTES} bytes (431 beyond). A connection without a request, or one whose peer neither reads nor
 * sends while Keyway waits for it, is closed after {@link #IDLE_TIMEOUT}; an exchange that waits for the upstream is not
 * idle. Every error is JSON.
 */
public final class StandaloneServer {
    private static final Logger LOG = LogManager.getLogger(StandaloneServer.class);
    static final int MAX_HEADER_BYTES = 32 * 1024;
    static final Duration IDLE_TIMEOUT = Duration.ofSeconds(90);
    private static final int MIN_THREADS = 8;
    private static final int BACKLOG = 1024;
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final Server server;
    private final ClientConnector connector;
    private final ServletContextHandler context;
    private final GracefulHandler graceful;

    private StandaloneServer(ServerOptions options, ServletContextListener wiring, Duration idleTimeout) {
        QueuedThreadPool threads = new QueuedThreadPool(maxThreads(), MIN_THREADS);
        threads.setName("keyway-http");
        this.server = new Server(threads);
        this.context = context(wiring);
        HttpConnectionFactory http = new HttpConnectionFactory(httpConfiguration());
        if (options.sharedSelectors()) {
            SharedConnector shared = SharedConnector.of(server, threads, http);
            context.setAttribute(SelectorHost.ATTRIBUTE, shared);
            this.connector = shared;
            this.graceful = new GracefulHandler(new DataApiInPlace(context, threads));
        } else {
            this.connector = new ClientConnector(server, null, -1, http);
            this.graceful = new GracefulHandler(context);
        }
        context.setAttribute(GatewayContextListener.CLIENTS_REFUSED, (Supplier<String>) connector.places()::failure);
        int sendBuffer = options.sendBuffer();
        connector.setHost(options.host());
        connector.setPort(options.port());
        connector.setAcceptQueueSize(BACKLOG);
        connector.setIdleTimeout(idleTimeout.toMillis());
        connector.setAcceptedSendBufferSize(sendBuffer == 0 ? -1 : sendBuffer);
        server.addConnector(connector);
        server.setHandler(graceful);
        server.setErrorHandler(new JettyErrors());
    }

    /** How often another thread had to be woken to go on with a connection; always 0 without shared selectors. */
    long handOvers() {
        return connector instanceof SharedConnector shared ? shared.handOvers() : 0;
    }

    /** Selectors and acceptors take some for themselves, more of them on a larger machine. */
    static int maxThreads() {
        return Math.max(24, 4 * Runtime.getRuntime().availableProcessors());
    }

    /**
     * Binds, wires and serves. Nothing is left behind when it fails.
     *
     * @param options port 0 takes any free one
     * @param wiring registers servlets and filters in {@code contextInitialized} and ends them in
     *     {@code contextDestroyed}
     * @throws PortInUseException before {@code wiring} is called
     * @throws IOException when the address can't be listened on
     * @throws RuntimeException what {@code wiring} threw
     */
    public static StandaloneServer start(ServerOptions options, ServletContextListener wiring) throws IOException {
        return start(options, wiring, IDLE_TIMEOUT);
    }

    static StandaloneServer start(ServerOptions options, ServletContextListener wiring, Duration idleTimeout)
            throws IOException {
        StandaloneServer standalone = new StandaloneServer(options, wiring, idleTimeout);
        standalone.bind(options.host(), options.port());
        standalone.serve();
        return standalone;
    }

    private void bind(String host, int port) throws IOException {
        try {
            connector.open();
        } catch (IOException e) {
            connector.close();
            Throwable reason = e.getCause() == null ? e : e.getCause();
            if (reason instanceof BindException
                    && String.valueOf(reason.getMessage()).contains("in use")) {
                throw new PortInUseException(port, e);
            }
            throw new IOException("can't listen on " + host + ":" + port + ": " + reason.getMessage(), e);
        }
    }

    private void serve() throws IOException {
        try {
            server.start();
            connector.places().limit();
        } catch (Exception e) {
            stop(Duration.ZERO);
            if (e instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw new IOException("can't start: " + e.getMessage(), e);
        }
    }

    private static HttpConfiguration httpConfiguration() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setResponseHeaderSize(MAX_HEADER_BYTES);
        // RFC 9110 without its leave to take a bare LF for a line end, which others may read differently
        http.setHttpCompliance(HttpCompliance.STRICT);
        // models/a%2Fb is how SDKs ask for a model whose id holds a slash; everything else ambiguous stays a 400
        http.setUriCompliance(UriCompliance.DEFAULT.with("KEYWAY", UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR));
        return http;
    }

    private static ServletContextHandler context(ServletContextListener wiring) {
        ServletContextHandler context = new ServletContextHandler("/", false, false);
        ServletHandler servlets = context.getServletHandler();
        servlets.setDecodeAmbiguousURIs(true);
        context.setErrorHandler(new JettyErrors());
        context.addEventListener(wiring);
        return context;
    }

    /** The port it listens on; the real one when 0 was asked for. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Waits until {@link #stop} has ended. */
    public void awaitStop() throws InterruptedException {
        server.join();
    }

    /**
     * Ends serving: new requests get 503, running ones may go on for {@code drain}; then {@code contextDestroyed} of the
     * wiring is called, which may still write to what runs; then the connections are closed. Safe to call twice.
     */
    public void stop(Duration drain) {
        CompletableFuture<Void> lastRequest = graceful.isStarted() ? graceful.shutdown() : done();
        await(lastRequest, drain);
        quietly(context::stop);
        await(lastRequest, LAST_WORDS);
        quietly(server::stop);
        server.destroy();
    }

    private static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    private static void await(CompletableFuture<Void> lastRequest, Duration atMost) {
        try {
            lastRequest.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One part that fails to stop must not keep the others running. */
    private void quietly(Stop part) {
        try {
            part.stop();
        } catch (Exception e) {
            LOG.warn("part of the server failed to stop: error={}", e.toString());
        }
    }

    private interface Stop {
        void stop() throws Exception;
    }
}
