package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Api;
import dev.keyway.exchange.Client;
import dev.keyway.exchange.Credential;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.Outcome;
import dev.keyway.exchange.Outcome.Ended;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.RequestId;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.keys.KeyPool;
import dev.keyway.keys.KeyPoolOptions;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.Pools;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a run ends: one outcome, nothing still running, nothing timed for it; and memory, where none was aborted. */
class AttemptLoopTest {
    private Sandbox sandbox;
    private UpstreamClient client;
    private ScheduledThreadPoolExecutor timer;
    private AttemptLoop loop;
    private Pipeline pipeline;
    private final Queue<Outcome> outcomes = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void start() throws IOException {
        sandbox = Sandbox.start(SandboxOptions.forTests());
        UpstreamOptions defaults = UpstreamOptions.DEFAULTS;
        UpstreamOptions options = new UpstreamOptions(
                URI.create(sandbox.baseUrl().toString()),
                defaults.connectTimeout(),
                Duration.ofMillis(400),
                Duration.ofMillis(400),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofMillis(200),
                defaults.keepAliveInterval(),
                defaults.maxConnections(),
                defaults.maxQueued(),
                defaults.receiveBuffer(),
                null,
                null,
                defaults.retry(),
                defaults.circuit(),
                defaults.maxBody());
        client = UpstreamClient.start(options, new ArrayByteBufferPool(), null);
        timer = new ScheduledThreadPoolExecutor(1);
        timer.setRemoveOnCancelPolicy(true);
        KeyPoolOptions keys = KeyPoolOptions.DEFAULTS.withKeys(List.of(
                new KeyPoolOptions.Entry(new Secret(Heart.K1), null, null),
                new KeyPoolOptions.Entry(new Secret(Heart.K2), null, null)));
        KeyPool pool = Pools.of(keys, InstantSource.system(), new Random(1), event -> {});
        pipeline = new Pipeline(
                List.of(), options, keys, new RetryPolicy(options.retry(), new RetryBudget(0.1), new Random(1)));
        loop = new AttemptLoop(
                new Upstream(client, options.baseUrl(), pool, InstantSource.system(), timer),
                new Circuit(new CircuitOptions(0, Duration.ZERO), System::nanoTime));
    }

    @AfterEach
    void stop() {
        client.close();
        timer.shutdownNow();
        sandbox.close();
    }

    /** A client that takes what it is told at once, or only so many pieces. */
    private static final class FakeClient implements ClientSide {
        private final int takes;
        private final Queue<Runnable> kept = new ConcurrentLinkedQueue<>();
        private final AtomicInteger pieces = new AtomicInteger();

        FakeClient(int takes) {
            this.takes = takes;
        }

        @Override
        public void head(int status, List<Header> headers, boolean atOnce) {
            // What is in it is shown elsewhere.
        }

        @Override
        public void content(ByteBuffer bytes, Runnable after) {
            if (pieces.incrementAndGet() <= takes) {
                after.run();
            } else {
                kept.add(after);
            }
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

        void leave() {
            for (Runnable after = kept.poll(); after != null; after = kept.poll()) {
                after.run();
            }
        }
    }

    private AttemptLoop.Running run(String model, boolean stream, FakeClient side) {
        Exchange exchange =
                new Exchange(RequestId.of(null), "POST", "/v1/chat/completions", "/chat/completions", outcomes::add);
        Client caller = new Client("test", new Credential.Pool());
        exchange.client(caller);
        JsonBody body = JsonBody.parse(RawClient.chatBody(model, stream).getBytes(StandardCharsets.UTF_8));
        UpstreamRequest request = new UpstreamRequest(
                exchange.id(),
                caller,
                Api.CHAT,
                "POST",
                "/chat/completions",
                null,
                List.of(),
                new RequestBody.Json(body),
                model,
                null);
        return loop.start(request, pipeline, null, exchange, side);
    }

    private void assertAllGivenBack() {
        Heart.await(Heart.SOON, () -> outcomes.size() == 1);
        Heart.await(Heart.SOON, () -> loop.running() == 0);
        // The beat of the clocks is the only thing that is timed, and the clocks go with their run.
        Heart.await(Heart.SOON, () -> timer.getQueue().size() + timer.getActiveCount() <= 1);
        assertThat(outcomes).hasSize(1);
    }

    private void assertMemoryGivenBack() {
        ArrayByteBufferPool memory = (ArrayByteBufferPool) client.http().getByteBufferPool();
        Heart.await(Heart.SOON, () -> memory.getHeapMemory() == memory.getAvailableHeapMemory());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "openai/gpt-4o-mini",
                "sandbox/big:4",
                "sandbox/split:3",
                "sandbox/gzip",
                "sandbox/429",
                "sandbox/401",
                "sandbox/502",
                "sandbox/html-502",
                "sandbox/empty",
                "sandbox/padding:30:20",
                "sandbox/padding-error:30:20",
                "sandbox/padding-close",
                "sandbox/cut",
                "sandbox/reset",
                "sandbox/stall",
                "sandbox/error",
                "sandbox/no-done",
                "sandbox/fin",
                "sandbox/rst",
                "sandbox/garbage",
                "sandbox/slow-headers:3000",
                "sandbox/redirect"
            })
    void every_end_gives_everything_back(String model) {
        for (boolean stream : new boolean[] {true, false}) {
            outcomes.clear();

            run(model, stream, new FakeClient(Integer.MAX_VALUE));

            assertAllGivenBack();
            assertMemoryGivenBack();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sandbox/first-error:429", "sandbox/first-error", "sandbox/error-body"})
    void errors_in_a_200_leave_no_run_and_no_clock(String model) {
        run(model, true, new FakeClient(Integer.MAX_VALUE));

        assertAllGivenBack();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"sandbox/slow-headers:3000", "sandbox/padding:100:20", "sandbox/big:20", "sandbox/big-json:20"})
    void client_that_leaves_leaves_no_run_and_no_clock(String model) {
        FakeClient side = new FakeClient(2);
        AttemptLoop.Running run = run(model, !model.contains("json"), side);
        Heart.await(
                Heart.SOON,
                () -> model.contains("big")
                        ? side.pieces.get() > 2
                        : !sandbox.received().isEmpty());

        run.clientGone(new IOException("left"));
        side.leave();

        assertAllGivenBack();
        assertThat(outcomes.peek().ended()).isEqualTo(Ended.CLIENT_GONE);
    }

    @Test
    void runs_that_are_broken_off_leave_no_run_and_no_clock() {
        run("sandbox/slow-headers:3000", true, new FakeClient(9));
        Heart.await(Heart.SOON, () -> !sandbox.received().isEmpty());

        loop.breakOff("stop");

        assertAllGivenBack();
        assertThat(outcomes.peek().status()).isEqualTo(503);
    }
}
