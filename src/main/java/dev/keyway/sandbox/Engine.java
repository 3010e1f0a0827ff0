package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What the stand-in does with a request that was read: finds its route, checks who asks, has it answered. */
final class Engine {
    static final String PREFIX = "/api/v1";
    private static final String FAULT_HEADER = "X-Sandbox-Fault";
    private static final int MAX_WAITING = 1_000;
    private static final Set<String> ACCOUNT_WRITES =
            Set.of("/keys", "/auth", "/byok", "/guardrails", "/workspaces", "/organization", "/observability", "/scim");
    private final SandboxOptions options;
    private final Accounts accounts;
    private final Recorder recorder;
    private final Pages pages;
    private final Inference inference;
    private final MediaInference media;
    private final Map<String, Dialect> dialects = Map.of(
            "/chat/completions", new ChatDialect(),
            "/completions", new CompletionsDialect(),
            "/responses", new ResponsesDialect(),
            "/messages", new MessagesDialect());
    private final Map<String, Deque<CompletableFuture<Conversation>>> waiting = new HashMap<>();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong brokenConnections = new AtomicLong();
    private int running;
    private volatile boolean closing;

    Engine(SandboxOptions options, Accounts accounts, Recorder recorder, Catalogue catalogue, Generations generations) {
        this.options = options;
        this.accounts = accounts;
        this.recorder = recorder;
        this.pages = new Pages(catalogue, generations);
        this.inference = new Inference(catalogue, generations, options.gap());
        this.media = new MediaInference(catalogue, generations);
    }

    Received received(WireRequest request, int connection) {
        synchronized (this) {
            running++;
        }
        Received received = new Received(
                requests.incrementAndGet(), request, connection, options.clock().instant(), recorder.answerBytes());
        Secret credential = Accounts.credential(request);
        if (credential != null) {
            received.key(credential);
        }
        return received;
    }

    Pages pages() {
        return pages;
    }

    void record(Received received) {
        recorder.add(received);
    }

    void over(Received received) {
        recorder.finished(received);
        received.over();
        synchronized (this) {
            running--;
            notifyAll();
        }
    }

    /** Waits until no request is being served; false when one still was after that time. */
    synchronized boolean awaitIdle(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (running > 0) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    void noticed(IOException broken) {
        brokenConnections.incrementAndGet();
    }

    void closing(boolean value) {
        closing = value;
    }

    boolean closing() {
        return closing;
    }

    /** The next request for this model name is answered by the future's taker. */
    CompletableFuture<Conversation> await(String model) {
        synchronized (waiting) {
            Deque<CompletableFuture<Conversation>> queue = waiting.computeIfAbsent(model, name -> new ArrayDeque<>());
            if (queue.size() == MAX_WAITING) {
                throw new IllegalStateException("more than " + MAX_WAITING + " conversations wait for " + model);
            }
            CompletableFuture<Conversation> conversation = new CompletableFuture<>();
            queue.addLast(conversation);
            return conversation;
        }
    }

    private @Nullable CompletableFuture<Conversation> awaited(JsonNode request) {
        synchronized (waiting) {
            Deque<CompletableFuture<Conversation>> queue =
                    waiting.get(request.path("model").asText());
            return queue == null ? null : queue.pollFirst();
        }
    }

    /** Gives a scripted answer that does not wait for the body; true when it did. */
    boolean answersEarly(Call call) throws IOException {
        Secret key = call.received().key();
        Reply next = key == null ? null : accounts.peekScript(key);
        if (key == null || next == null || !next.early() || accounts.nextScript(key) != next) {
            return false;
        }
        record(call.received());
        Replies.send(call, next);
        return true;
    }

    void tooLarge(Call call) throws IOException {
        record(call.received());
        refuse(call, ApiError.tooLarge());
    }

    void answer(Call call) throws IOException {
        try {
            Secret credential = call.received().key();
            Reply reply = credential == null ? null : accounts.nextScript(credential);
            if (reply != null && reply.fixed()) {
                Replies.send(call, reply);
                return;
            }
            String fault = reply == null ? call.request().first(FAULT_HEADER) : reply.fault();
            route(call, fault);
        } catch (RefusedException e) {
            refuse(call, e.error());
        }
    }

    private void refuse(Call call, ApiError error) throws IOException {
        Dialect dialect = dialect(call);
        JsonNode body = dialect == null ? error.envelope("user_standin") : dialect.error(error, "user_standin");
        Replies.json(call, error.status(), body, error.headers().toArray(new String[0]));
    }

    private @Nullable Dialect dialect(Call call) {
        return call.path().startsWith(PREFIX) ? dialects.get(call.path().substring(PREFIX.length())) : null;
    }

    private void route(Call call, @Nullable String fault) throws IOException {
        String method = call.request().method();
        if (!call.path().startsWith(PREFIX + "/")) {
            throw new RefusedException(ApiError.noSuchRoute());
        }
        String path = call.path().substring(PREFIX.length());
        switch (method) {
            case "OPTIONS" -> call.answer().whole(204, Deliveries.CORS, new byte[0]);
            case "GET", "HEAD" -> read(call, path);
            case "POST" -> post(call, path, fault);
            default -> write(call, path);
        }
    }

    private void read(Call call, String path) throws IOException {
        switch (path) {
            case "/models" -> pages.list(call);
            case "/models/count" -> pages.count(call);
            case "/embeddings/models" -> pages.models(call, "embeddings");
            case "/images/models" -> pages.models(call, "image");
            case "/providers" -> pages.providers(call);
            case "/models/user" -> {
                key(call);
                pages.models(call, "text");
            }
            case "/key", "/auth/key" -> pages.key(call, key(call));
            case "/credits" -> pages.credits(call, key(call));
            case "/generation" -> {
                key(call);
                pages.generation(call);
            }
            default -> readModel(call, path);
        }
    }

    private void readModel(Call call, String path) throws IOException {
        String[] words = path.split("/", -1);
        if (words.length == 4 && words[1].equals("model")) {
            pages.model(call, words[2] + "/" + words[3]);
        } else if (words.length == 5 && words[1].equals("models") && words[4].equals("endpoints")) {
            pages.endpoints(call, words[2] + "/" + words[3]);
        } else {
            throw new RefusedException(ApiError.noSuchRoute());
        }
    }

    private void post(Call call, String path, @Nullable String fault) throws IOException {
        Dialect dialect = dialects.get(path);
        if (dialect != null) {
            text(call, dialect, fault);
            return;
        }
        switch (path) {
            case "/embeddings" -> media.embeddings(call, key(call), body(call));
            case "/rerank" -> media.rerank(call, key(call), body(call));
            case "/audio/speech" -> media.speech(call, key(call), body(call));
            case "/audio/transcriptions" -> media.transcription(call, key(call));
            case "/images" -> media.images(call, key(call), body(call));
            default -> write(call, path);
        }
    }

    private void text(Call call, Dialect dialect, @Nullable String fault) throws IOException {
        SandboxKey key = key(call);
        JsonNode request = body(call);
        CompletableFuture<Conversation> awaited = awaited(request);
        if (awaited == null) {
            inference.answer(call, dialect, key, request, fault);
            return;
        }
        call.received().started("gen-manual-" + call.received().number());
        Conversation conversation = new Conversation(call);
        awaited.complete(conversation);
        call.line().lend(conversation);
    }

    private void write(Call call, String path) throws IOException {
        int slash = path.indexOf('/', 1);
        if (!ACCOUNT_WRITES.contains(slash < 0 ? path : path.substring(0, slash))) {
            throw new RefusedException(ApiError.noSuchRoute());
        }
        key(call);
        pages.write(call);
    }

    private SandboxKey key(Call call) {
        return accounts.authenticate(call.received().key());
    }

    private static JsonNode body(Call call) {
        return MediaInference.object(call.request().body());
    }
}
