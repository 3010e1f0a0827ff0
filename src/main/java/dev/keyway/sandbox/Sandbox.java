package dev.keyway.sandbox;

import dev.keyway.wire.Secret;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLSocket;

/**
 * A stand-in for OpenRouter on a port of this machine: the same paths, shapes, headers, prices and errors, made-up
 * answers, no money. It records what it received byte for byte, counts what it would have billed, and does wrong what
 * it is asked to ({@link Faults}). HTTP/1.1 over plain sockets, one thread for each connection.
 *
 * <p>Unless keys are registered, every key that begins {@code sk-or-} is good, and all of them are of one account,
 * {@code default}, with 1,000,000 USD: so they share its free-model limits, as keys of one account do.
 */
public final class Sandbox implements AutoCloseable {
    private static final int BACKLOG = 1_024;
    /** Small, so that a client that stops reading is noticed soon. */
    private static final int SEND_BUFFER = 64 * 1_024;

    private static final Duration AFTER_FAILED_ACCEPT = Duration.ofMillis(10);
    private static final int IDLE_THREAD_SECONDS = 10;
    private static final int CLOSE_SECONDS = 5;
    private final SandboxOptions options;
    private final ServerSocket server;
    private final Accounts accounts = new Accounts();
    private final Recorder recorder;
    private final Generations generations;
    private final Engine engine;
    private final ThreadPoolExecutor threads;
    private final Thread acceptor;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();

    private Sandbox(SandboxOptions options) throws IOException {
        this.options = options;
        this.server = listen(options);
        this.recorder = new Recorder(options.maxRecorded(), options.maxRecordedBytes());
        this.generations = new Generations(options.clock(), options.random());
        this.engine = new Engine(options, accounts, recorder, Catalogue.load(), generations);
        options.keys().forEach(key -> accounts.register(key, Accounts.DEFAULT));
        AtomicInteger names = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(
                0, options.maxConnections(), IDLE_THREAD_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread =
                            new Thread(task, "sandbox-" + server.getLocalPort() + "-" + names.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        this.acceptor = new Thread(this::accept, "sandbox-" + server.getLocalPort() + "-accept");
        this.acceptor.setDaemon(true);
    }

    /**
     * Listens and serves until {@link #close()}.
     *
     * @throws IOException when the port is taken or the host is not of this machine
     */
    public static Sandbox start(SandboxOptions options) throws IOException {
        Sandbox sandbox = new Sandbox(options);
        sandbox.acceptor.start();
        return sandbox;
    }

    private static ServerSocket listen(SandboxOptions options) throws IOException {
        InetAddress address = InetAddress.getAllByName(options.host())[0];
        SandboxTls tls = options.tls();
        return tls == null || tls.stalls()
                ? new ServerSocket(options.port(), BACKLOG, address)
                : tls.serverSocketFactory().createServerSocket(options.port(), BACKLOG, address);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                serve(server.accept());
            } catch (IOException e) {
                engine.noticed(e);
                // Without it a process out of file descriptors would spin here.
                LockSupport.parkNanos(AFTER_FAILED_ACCEPT.toNanos());
            }
        }
    }

    private void serve(Socket socket) throws IOException {
        open.add(socket);
        try {
            socket.setTcpNoDelay(true);
            socket.setSendBufferSize(SEND_BUFFER);
            Connection connection = new Connection(accepted.incrementAndGet(), socket, engine, options);
            threads.execute(() -> {
                try {
                    connection.run();
                } finally {
                    open.remove(socket);
                }
            });
        } catch (IOException | RejectedExecutionException e) {
            open.remove(socket);
            socket.close();
        }
    }

    /** Where clients are pointed: {@code http(s)://<host>:<port>/api/v1}. */
    public URI baseUrl() {
        String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
        return URI.create((options.tls() == null ? "http://" : "https://") + host + ":" + port() + Engine.PREFIX);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** The account of this name, made with 1,000,000 USD when it is new. */
    public Account account(String name) {
        return accounts.account(name);
    }

    /** Registers a key of an account; from the first one on, keys that are not registered are answered 401. */
    public SandboxKey key(String value, String account) {
        return accounts.register(new Secret(value), account);
    }

    /** Lines up answers for the next requests that come with this key, registered or not, on whatever path. */
    public void script(String key, Reply... replies) {
        accounts.script(new Secret(key), List.of(replies));
    }

    /** Lines up answers for the next requests for the list of models, {@code GET /models}, whoever asks. */
    public void scriptModels(Reply... replies) {
        engine.pages().lists(List.of(replies));
    }

    /** From now on requests for the list of models are answered only when this is done. */
    public void holdModels(CompletableFuture<Void> until) {
        engine.pages().holdLists(until);
    }

    /** The next request whose {@code model} is this name, on a text API, is answered by hand. */
    public CompletableFuture<Conversation> conversation(String model) {
        return engine.await(model);
    }

    /** The last requests, oldest first; those whose head and body were read. */
    public List<Received> received() {
        return recorder.all();
    }

    /** Forgets requests, generations and the bill; keys, scripts and counters stay. */
    public void clear() {
        recorder.clear();
        generations.forget();
    }

    /**
     * Waits until no request is being served, so that every bill is final: a client has its answer's last byte a
     * moment before the bill is written. False when one was still being served after that time.
     */
    public boolean awaitIdle(Duration limit) throws InterruptedException {
        return engine.awaitIdle(limit);
    }

    /** Connections accepted since the start. */
    public int connections() {
        return accepted.get();
    }

    /** Connections open now. */
    public int openConnections() {
        return open.size();
    }

    /** All that was billed, in USD, since the start or {@link #clear()}. */
    public BigDecimal billed() {
        return generations.billed();
    }

    /** What this is and what it can do, for people: address, keys, faults. */
    public String describe() {
        return """
                The stand-in OpenRouter listens on %s
                It takes %s, answers at once and bills nothing to anybody.
                Models: GET %s/models; faults (model name, or header X-Sandbox-Fault without "sandbox/"):
                %s""".formatted(
                        baseUrl(),
                        options.keys().isEmpty() ? "any key that begins sk-or-" : "the keys it was given",
                        baseUrl(),
                        Faults.table());
    }

    /** Closes the port and every connection, waits up to 5 s for their threads. */
    @Override
    public void close() {
        engine.closing(true);
        threads.shutdown();
        try {
            server.close();
            for (Socket socket : open) {
                if (socket instanceof SSLSocket) {
                    // Else close() waits for a write that may never end.
                    socket.setSoLinger(true, 0);
                }
                socket.close();
            }
            acceptor.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
            threads.shutdownNow();
            threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (IOException e) {
            engine.noticed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
