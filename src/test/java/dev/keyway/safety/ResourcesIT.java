package dev.keyway.safety;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.Post;
import dev.keyway.testing.Proof;
import dev.keyway.testing.container.KeywayProcess;
import dev.keyway.testing.container.WireClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a stream takes while its client does not read, and what is left of streams that were dropped: nothing. */
class ResourcesIT {
    private static final Proof STALLED = Proof.named("stalled");
    private static final Proof ABORTS = Proof.named("aborts");
    private static final String CHAT = "/v1/chat/completions";
    private static final int MIB = 1 << 20;
    private static final int HEAP_KIB_PER_STREAM = 256;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration STILL = Duration.ofSeconds(2);
    private static final int AT_ONCE = 16;

    /** Objects that live as long as a request or one of its clocks. */
    private static final List<String> PER_REQUEST = List.of(
            "java.util.concurrent.ScheduledThreadPoolExecutor$ScheduledFutureTask",
            "dev.keyway.upstream.AttemptRun",
            "dev.keyway.upstream.ServletDoor",
            "dev.keyway.upstream.ClientWriter",
            "dev.keyway.limit.InFlight$Slot",
            "org.eclipse.jetty.ee10.servlet.AsyncContextEvent");

    /** Tasks that come again and again: the clocks, keys kept, faults looked for and tried again, limits, configuration. */
    private static final int TIMERS = 7;

    @TempDir
    Path home;

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void a_stream_whose_client_reads_nothing_takes_256_kib_of_heap_and_the_upstream_stops_within_1_mib()
            throws Exception {
        int count = STALLED.size(200, 1_000);
        List<WireClient> lazy = new ArrayList<>();
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests().withRecord(count + 10, MIB));
                KeywayProcess keyway = serve(upstream, "-Xmx512m")) {
            long pid = keyway.process().pid();
            Post.json(keyway.url(CHAT), Post.chat("openai/gpt-4o-mini", true));
            upstream.clear();
            Footprint before = Footprint.of(pid, PER_REQUEST);
            try {
                for (int i = 0; i < count; i++) {
                    lazy.add(asking(keyway, "sandbox/big:64"));
                }
                awaitStandStill(upstream, count);
                Footprint held = Footprint.of(pid, PER_REQUEST);

                long most = upstream.received().stream()
                        .mapToLong(Received::bytesSent)
                        .max()
                        .orElseThrow();
                long perStream = (held.heapKib() - before.heapKib()) / count;
                STALLED.report(
                        "%d streams whose clients read nothing: heap %d KiB each, resident %d KiB each; the upstream"
                                + " stopped after at most %d KiB, %d threads at work",
                        count,
                        perStream,
                        (held.residentKib() - before.residentKib()) / count,
                        most / 1024,
                        held.threads().size());
                assertThat(held.live()).containsEntry("AttemptRun", count);
                assertThat(perStream).isLessThanOrEqualTo(HEAP_KIB_PER_STREAM);
                assertThat(most).isLessThanOrEqualTo(MIB);
                assertThat(Post.json(keyway.url(CHAT), Post.chat("openai/gpt-4o-mini", true))
                                .statusCode())
                        .isEqualTo(200);
            } finally {
                closeAll(lazy);
            }
        }
    }

    private KeywayProcess serve(Sandbox upstream, String heap) throws IOException, InterruptedException {
        return KeywayProcess.in(home).option(heap).before(upstream.baseUrl()).serve();
    }

    /** A client that has read the head of its answer. */
    private static WireClient asking(KeywayProcess keyway, String model) throws IOException {
        WireClient client = WireClient.to(keyway.url("/").getPort());
        client.post(CHAT, Post.chat(model, true));
        assertThat(client.head().status()).isEqualTo(200);
        return client;
    }

    private static void awaitStandStill(Sandbox upstream, int count) {
        AtomicLong last = new AtomicLong(-1);
        AtomicLong since = new AtomicLong();
        await("the upstream stands still").atMost(SOON).until(() -> {
            List<Received> received = upstream.received();
            long sent = received.stream().mapToLong(Received::bytesSent).sum();
            if (last.getAndSet(sent) != sent || received.size() < count) {
                since.set(System.nanoTime());
            }
            return System.nanoTime() - since.get() > STILL.toNanos();
        });
    }

    private static void closeAll(List<WireClient> clients) throws IOException {
        for (WireClient client : clients) {
            client.close();
        }
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void nothing_is_left_of_streams_that_were_dropped() throws Exception {
        int count = ABORTS.size(300, 2_000);
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests().withRecord(10, 0));
                KeywayProcess keyway = serve(upstream, "-Xmx256m")) {
            long pid = keyway.process().pid();
            // As many at once as later, so that pools have their size and classes are loaded.
            drop(keyway, ABORTS.size(200, 1_000));
            Footprint before = settled(upstream, keyway, Integer.MAX_VALUE);

            drop(keyway, count);
            // Threads of a pool may still be on their way back to it: where those are that stay, the failure says.
            Footprint after = settled(upstream, keyway, before.threads().size() + 2);

            ABORTS.report(
                    "%d dropped streams and uploads: files %d to %d, threads at work %d to %d (in pools %d to %d), heap %d to %d KiB, objects %s to %s",
                    count,
                    before.files(),
                    after.files(),
                    before.threads().size(),
                    after.threads().size(),
                    before.pooled(),
                    after.pooled(),
                    before.heapKib(),
                    after.heapKib(),
                    before.live(),
                    after.live());
            assertThat(after.live()).isEqualTo(before.live());
            assertThat(after.live()).containsEntry("AttemptRun", 0).containsEntry("Slot", 0);
            assertThat(after.files()).isLessThanOrEqualTo(before.files() + 2);
            assertThat(after.threads())
                    .hasSizeLessThanOrEqualTo(before.threads().size() + 2);
            assertThat((double) after.heapKib()).isLessThanOrEqualTo(before.heapKib() * 1.05);
            assertThat(keyway.errors()).doesNotContain("Exception");
            assertThat(ProcessHandle.of(pid).orElseThrow().isAlive()).isTrue();
        }
    }

    /** When no request is under way any more, on either side, and no thread is at work but those of a rest. */
    private static Footprint settled(Sandbox upstream, KeywayProcess keyway, int threads) throws Exception {
        long pid = keyway.process().pid();
        assertThat(upstream.awaitIdle(SOON)).isTrue();
        await("no connection is left").atMost(SOON).until(() -> upstream.openConnections() == 0);
        AtomicReference<Footprint> seen = new AtomicReference<>();
        await("no request is left")
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    seen.set(Footprint.of(pid, PER_REQUEST));
                    Map<String, Integer> live = seen.get().live();
                    assertThat(live.values().stream()
                                    .mapToInt(Integer::intValue)
                                    .sum())
                            .describedAs("%s", live)
                            .isLessThanOrEqualTo(TIMERS);
                    assertThat(seen.get().threads()).hasSizeLessThanOrEqualTo(threads);
                });
        return seen.get();
    }

    private static void drop(KeywayProcess keyway, int count) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<?>> drops = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                drops.add(threads.submit(() -> {
                    dropOne(keyway, number);
                    return null;
                }));
            }
            for (Future<?> drop : drops) {
                drop.get(2, TimeUnit.MINUTES);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** In the middle of events, with the answer unread, in the middle of the body; with FIN and RST by turns. */
    private static void dropOne(KeywayProcess keyway, int number) throws IOException {
        WireClient client;
        switch (number % 3) {
            case 0 -> {
                client = asking(keyway, "sandbox/paced:500:20");
                client.chunksUntil("data: ");
            }
            case 1 -> client = asking(keyway, "sandbox/big:64");
            default -> {
                client = WireClient.to(keyway.url("/").getPort());
                client.send(
                        "POST " + CHAT + " HTTP/1.1\r\nHost: x.localhost\r\nContent-Length: 100000\r\n\r\n{\"model\":");
            }
        }
        if (number % 2 == 0) {
            client.reset();
        } else {
            client.close();
        }
    }
}
