package dev.keyway.upstream;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.ProtocolHandlers;
import org.eclipse.jetty.client.RedirectProtocolHandler;
import org.eclipse.jetty.client.WWWAuthenticationProtocolHandler;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;

/** The HTTP client that talks to the upstream: no redirects, no cookies, no decoding, no second try of its own. */
public final class UpstreamClient implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(UpstreamClient.class);

    /** Below the idle time-out of servers we know of, so that a pooled connection is rarely stale. */
    private static final long POOLED_IDLE_MS = 20_000;

    private static final int MAX_REQUEST_HEAD = 64 * 1024;
    /** With Keyway's own fields it must fit into the 32 KiB that the servers take for the head of an answer. */
    private static final int MAX_ANSWER_HEAD = 28 * 1024;

    /** With fewer connections for each selector they are better shared by all. */
    private static final int LEAST_PER_LANE = 64;

    private static final int LOOKUP_THREADS = 4;
    private static final long LOOKUP_THREAD_IDLE_SECONDS = 10;

    private final HttpClient http;
    private final ExecutorService lookups;
    private final FreshConnections fresh;
    private final @Nullable SelectorHost host;
    private final @Nullable Lanes lanes;

    private UpstreamClient(
            HttpClient http,
            ExecutorService lookups,
            FreshConnections fresh,
            @Nullable SelectorHost host,
            @Nullable Lanes lanes) {
        this.http = http;
        this.lookups = lookups;
        this.fresh = fresh;
        this.host = host;
        this.lanes = lanes;
    }

    /** Null where the upstream's connections are all alike. */
    @Nullable
    Lanes lanes() {
        return lanes;
    }

    /** Runs a step that may complete a client's exchange. */
    void completing(Runnable step) {
        if (host == null) {
            step.run();
        } else {
            host.completing(step);
        }
    }

    FreshConnections fresh() {
        return fresh;
    }

    /** Runs what takes some milliseconds, and so should not be done where connections are read. */
    public Executor worker() {
        return http.getExecutor();
    }

    /** For this package and those below it. */
    public HttpClient http() {
        return http;
    }

    /** Ends its threads and connections. */
    @Override
    public void close() {
        try {
            http.stop();
        } catch (Exception e) {
            LOG.warn("upstream client did not stop", e);
        }
        lookups.shutdownNow();
    }

    /**
     * A started client.
     *
     * @param host on whose selectors its connections live; null: on its own
     * @throws IOException when {@code upstream.ca_file} can't be read as PEM certificates
     */
    public static UpstreamClient start(UpstreamOptions options, @Nullable SelectorHost host) throws IOException {
        // Jetty's client gives one buffer of a pool to two connections now and then: etc/decisions/0012.
        return start(options, new ByteBufferPool.NonPooling(), host);
    }

    /** For tests that count the buffers. */
    static UpstreamClient start(UpstreamOptions options, ByteBufferPool buffers, @Nullable SelectorHost host)
            throws IOException {
        ClientConnector connector = host == null ? new ClientConnector() : new HostedConnector(host);
        connector.setSelectors(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
        connector.setSslContextFactory(tls(options.caFile()));
        // Else it grows to megabytes for each client that does not read: etc/decisions/0016.
        connector.setReceiveBufferSize(options.receiveBuffer() == 0 ? -1 : options.receiveBuffer());
        FreshConnections fresh = new FreshConnections();
        connector.addEventListener(fresh);
        HttpClientTransportOverHTTP transport = new HttpClientTransportOverHTTP(connector);
        // Nothing that Keyway does with an answer waits, so it is read where the selector found it, without a
        // hand-over.
        transport.setInvocationType(Invocable.InvocationType.NON_BLOCKING);
        HttpClient client = new HttpClient(transport);
        QueuedThreadPool threads = new QueuedThreadPool(maxThreads());
        threads.setName("keyway-upstream");
        threads.setDaemon(true);
        client.setExecutor(threads);
        ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler("keyway-upstream-timer", true);
        client.setScheduler(scheduler);
        ExecutorService lookups = lookups(options.maxConnections());
        client.setSocketAddressResolver(
                new SocketAddressResolver.Async(lookups, scheduler, client.getAddressResolutionTimeout()));
        client.setName("keyway-upstream");
        client.setFollowRedirects(false);
        client.setHttpCookieStore(new HttpCookieStore.Empty());
        client.setUserAgentField(null);
        client.setConnectTimeout(options.connectTimeout().toMillis());
        client.setIdleTimeout(POOLED_IDLE_MS);
        // Each lane is a destination of its own, so it gets its part of what all may have.
        int parts = host == null || options.maxConnections() < LEAST_PER_LANE * host.lanes() ? 1 : host.lanes();
        Lanes lanes = parts == 1 ? null : new Lanes(parts, options.maxConnections() / parts);
        client.setMaxConnectionsPerDestination(options.maxConnections() / parts);
        client.setMaxRequestsQueuedPerDestination(Math.max(1, options.maxQueued() / parts));
        client.setMaxRequestHeadersSize(MAX_REQUEST_HEAD);
        client.setMaxResponseHeadersSize(MAX_ANSWER_HEAD);
        // Arrays can be handed to a servlet's output stream without a copy.
        client.setUseInputDirectByteBuffers(false);
        client.setUseOutputDirectByteBuffers(false);
        client.setByteBufferPool(buffers);
        try {
            client.start();
        } catch (Exception e) {
            throw new IOException("the upstream client did not start", e);
        }
        client.getContentDecoderFactories().clear();
        ProtocolHandlers handlers = client.getProtocolHandlers();
        handlers.remove(RedirectProtocolHandler.NAME);
        handlers.remove(WWWAuthenticationProtocolHandler.NAME);
        handlers.remove("upgrade");
        OutgoingProxyOptions proxy = options.proxy();
        if (proxy != null) {
            ProxyTunnel.through(proxy, client);
        }
        return new UpstreamClient(client, lookups, fresh, host, lanes);
    }

    /** Selectors take some for themselves, more of them on a larger machine. */
    static int maxThreads() {
        return Math.max(8, 2 * Runtime.getRuntime().availableProcessors());
    }

    /** Looking up a name is the one thing that waits; a name server that is silent must not hold up anything else. */
    private static ExecutorService lookups(int atOnce) {
        ThreadPoolExecutor lookups = new ThreadPoolExecutor(
                LOOKUP_THREADS,
                LOOKUP_THREADS,
                LOOKUP_THREAD_IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(atOnce),
                UpstreamClient::lookupThread);
        lookups.allowCoreThreadTimeOut(true);
        return lookups;
    }

    private static Thread lookupThread(Runnable work) {
        Thread thread = new Thread(work, "keyway-lookup");
        thread.setDaemon(true);
        return thread;
    }

    private static SslContextFactory.Client tls(@Nullable Path caFile) throws IOException {
        SslContextFactory.Client tls = new SslContextFactory.Client();
        tls.setEndpointIdentificationAlgorithm("HTTPS");
        if (caFile != null) {
            tls.setTrustStore(trustOnly(caFile));
        }
        return tls;
    }

    private static KeyStore trustOnly(Path caFile) throws IOException {
        try (InputStream pem = Files.newInputStream(caFile)) {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(pem);
            if (certificates.isEmpty()) {
                throw new IOException("upstream.ca_file: no certificate in " + caFile);
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate : certificates) {
                store.setCertificateEntry("ca-" + number++, certificate);
            }
            return store;
        } catch (GeneralSecurityException e) {
            throw new IOException("upstream.ca_file: " + caFile + " is not a file of PEM certificates", e);
        }
    }
}
