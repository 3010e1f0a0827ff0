package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Api;
import dev.keyway.exchange.Client;
import dev.keyway.exchange.Credential;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.Outcome;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.RequestId;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.keys.KeyPool;
import dev.keyway.keys.KeyPoolOptions;
import dev.keyway.keys.KeyStateStore;
import dev.keyway.keys.StoredKey;
import dev.keyway.upstream.BillingUpstream.Act;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Another key is asked only when it would survive a crash that the one before rests; but a slow disk is not waited for. */
class KeptFirstTest {
    private static final Act LIMITED =
            Act.status(429, "{\"error\":{\"code\":429,\"message\":\"Rate limit exceeded\"}}", "Retry-After: 600");

    private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    private final BlockingQueue<CompletableFuture<Void>> saves = new LinkedBlockingQueue<>();
    private BillingUpstream upstream;
    private UpstreamClient client;
    private ScheduledThreadPoolExecutor timer;
    private AttemptLoop loop;
    private Pipeline pipeline;

    @BeforeEach
    void start() throws IOException {
        upstream = new BillingUpstream(LIMITED);
        UpstreamOptions defaults = UpstreamOptions.DEFAULTS;
        UpstreamOptions options = new UpstreamOptions(
                upstream.url(),
                defaults.connectTimeout(),
                defaults.firstByteTimeout(),
                defaults.idleTimeout(),
                defaults.totalTimeout(),
                defaults.streamTimeout(),
                defaults.hold(),
                defaults.keepAliveInterval(),
                defaults.maxConnections(),
                defaults.maxQueued(),
                defaults.receiveBuffer(),
                null,
                null,
                defaults.retry(),
                defaults.circuit(),
                defaults.maxBody());
        client = UpstreamClient.start(options, null);
        timer = new ScheduledThreadPoolExecutor(1);
        KeyPoolOptions keys = KeyPoolOptions.DEFAULTS.withKeys(List.of(
                new KeyPoolOptions.Entry(new Secret(Heart.K1), null, null),
                new KeyPoolOptions.Entry(new Secret(Heart.K2), null, null)));
        InstantSource clock = InstantSource.system();
        KeyPool pool = new KeyPool(keys, clock, clock, new Random(1), event -> {}, List.of(), new HandStore());
        pipeline = new Pipeline(
                List.of(), options, keys, new RetryPolicy(options.retry(), new RetryBudget(0.1), new Random(1)));
        loop = new AttemptLoop(
                new Upstream(client, options.baseUrl(), pool, clock, timer),
                new Circuit(options.circuit(), System::nanoTime));
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        timer.shutdownNow();
        upstream.close();
    }

    /** A store whose disk is in the test's hand. */
    private final class HandStore implements KeyStateStore {
        @Override
        public List<StoredKey> load() {
            return List.of();
        }

        @Override
        public CompletionStage<Void> save(Supplier<List<StoredKey>> state) {
            CompletableFuture<Void> kept = new CompletableFuture<>();
            saves.add(kept);
            return kept;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    private static final class TakesAll implements ClientSide {
        @Override
        public void head(int status, List<Header> headers, boolean atOnce) {
            // The outcome tells.
        }

        @Override
        public void content(ByteBuffer bytes, Runnable after) {
            after.run();
        }

        @Override
        public void end(Runnable done) {
            done.run();
        }

        @Override
        public void refuse(ApiException error, List<Header> headers, Runnable done) {
            done.run();
        }

        @Override
        public void tear() {
            // The container's part.
        }
    }

    private AttemptLoop.Running ask() {
        Exchange exchange =
                new Exchange(RequestId.of(null), "POST", "/v1/chat/completions", "/chat/completions", outcomes::add);
        Client caller = new Client("test", new Credential.Pool());
        exchange.client(caller);
        JsonBody body = JsonBody.parse(RawClient.chatBody("some/model", false).getBytes(StandardCharsets.UTF_8));
        UpstreamRequest request = new UpstreamRequest(
                exchange.id(),
                caller,
                Api.CHAT,
                "POST",
                "/chat/completions",
                null,
                List.of(),
                new RequestBody.Json(body),
                "some/model");
        return loop.start(request, pipeline, null, exchange, new TakesAll());
    }

    private Outcome outcome() throws InterruptedException {
        Outcome outcome = outcomes.poll(10, TimeUnit.SECONDS);
        assertThat(outcome).isNotNull();
        return outcome;
    }

    @Test
    void other_key_is_asked_as_soon_as_the_first_ones_rest_is_kept_and_no_sooner() throws Exception {
        ask();
        CompletableFuture<Void> kept = saves.poll(10, TimeUnit.SECONDS);
        assertThat(kept).isNotNull();
        timer.schedule(
                        () -> {
                            int sends = upstream.sends();
                            kept.complete(null);
                            assertThat(sends).isEqualTo(1);
                        },
                        50,
                        TimeUnit.MILLISECONDS)
                .get(10, TimeUnit.SECONDS);

        assertThat(outcome().status()).isEqualTo(200);
        assertThat(upstream.keysSeen()).containsExactly(Heart.K1, Heart.K2);
    }

    @Test
    void disk_that_is_silent_is_waited_for_a_quarter_of_a_second() throws Exception {
        ask();
        assertThat(saves.poll(10, TimeUnit.SECONDS)).isNotNull();
        long asked = System.nanoTime();

        assertThat(outcome().status()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isGreaterThan(Duration.ofMillis(200));
        assertThat(upstream.sends()).isEqualTo(2);
    }

    @Test
    void client_that_leaves_meanwhile_ends_it() throws Exception {
        AttemptLoop.Running run = ask();
        CompletableFuture<Void> kept = saves.poll(10, TimeUnit.SECONDS);
        assertThat(kept).isNotNull();

        run.clientGone(new IOException("left"));
        assertThat(outcome().ended()).isEqualTo(Outcome.Ended.CLIENT_GONE);
        kept.complete(null);

        assertThat(loop.running()).isZero();
        assertThat(upstream.sends()).isEqualTo(1);
    }
}
