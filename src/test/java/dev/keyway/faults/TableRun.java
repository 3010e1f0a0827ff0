package dev.keyway.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.testing.Canaries;
import dev.keyway.testing.container.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * All cells in one site, eight at a time: side by side before the upstreams that serve many, one after the other where
 * a cell must be told from all others.
 */
final class TableRun implements AutoCloseable {
    private static final int AT_ONCE = 8;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final long LONGEST_MINUTES = 5;

    private static final String PLACE =
            "{\"model\":\"openai/gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";

    private final Site site;
    private final Upstreams upstreams;
    private final Map<FaultCell, CompletableFuture<Void>> results = new LinkedHashMap<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);

    TableRun(Site site, Upstreams upstreams) {
        this.site = site;
        this.upstreams = upstreams;
        Map<String, List<FaultCell>> byGateway =
                FaultTable.cells().stream().collect(Collectors.groupingBy(FaultCell::gateway));
        byGateway.forEach((gateway, cells) -> {
            cells.forEach(cell -> results.put(cell, new CompletableFuture<>()));
            if (Upstreams.isSerial(gateway)) {
                threads.execute(() -> cells.forEach(this::run));
            }
        });
        byGateway.forEach((gateway, cells) -> {
            if (!Upstreams.isSerial(gateway)) {
                cells.forEach(cell -> threads.execute(() -> run(cell)));
            }
        });
    }

    private void run(FaultCell cell) {
        CompletableFuture<Void> result = results.get(cell);
        try {
            new CellRun(site, upstreams, cell).check();
            result.complete(null);
        } catch (Exception | AssertionError e) {
            e.addSuppressed(new AssertionError("its lines: " + new Logs(site.home(cell.gateway())).about(cell.mark())));
            result.completeExceptionally(e);
        }
    }

    /** Waits for a cell's end and fails as it did; a cell that waits for work to be done must fail. */
    void assertHolds(FaultCell cell) throws Throwable {
        try {
            results.get(cell).get(LONGEST_MINUTES, TimeUnit.MINUTES);
        } catch (java.util.concurrent.ExecutionException | CompletionException e) {
            if (cell.pending().isEmpty()) {
                throw new AssertionError(
                        cell + " (line " + cell.line() + "): " + e.getCause().getMessage(), e.getCause());
            }
            return;
        }
        if (!cell.pending().isEmpty()) {
            fail("this holds now: take \"" + cell.pending() + "\" out of line " + cell.line());
        }
    }

    /** Every place of the gateways that take many requests is free, seen by filling all of them at once. */
    void assertNothingRuns() throws Exception {
        awaitAll();
        Awaitility.await("every upstream exchange was ended").atMost(SOON).until(upstreams::areIdle);
        for (String gateway : List.of(Upstreams.STAND_IN, Upstreams.RAW)) {
            Awaitility.await("all places of " + gateway + " are free")
                    .atMost(SOON)
                    .until(() -> held(gateway) == Upstreams.PLACES);
        }
    }

    /** How many requests hold a place side by side: each is told to go on only when it has one. */
    private long held(String gateway) throws IOException {
        List<WireClient> clients = new ArrayList<>();
        try {
            long held = 0;
            for (int i = 0; i < Upstreams.PLACES; i++) {
                WireClient client = WireClient.to(site.port(gateway));
                clients.add(client);
                client.send("POST " + site.prefix(gateway) + "/v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                        + "Expect: 100-continue\r\nX-Cell: place\r\nX-Fault: good\r\n"
                        + "Content-Type: application/json\r\nContent-Length: " + PLACE.length() + "\r\n\r\n");
                held += client.head().status() == 100 ? 1 : 0;
            }
            return held;
        } finally {
            for (WireClient client : clients) {
                client.close();
            }
        }
    }

    /** Each request that came has ended, once. */
    void assertEachRequestEndedOnce() throws Exception {
        awaitAll();
        for (String gateway : upstreams.settings().keySet()) {
            Logs logs = new Logs(site.home(gateway));
            Awaitility.await("the ends of all requests of " + gateway)
                    .atMost(SOON)
                    .untilAsserted(() -> assertThat(ids(logs, "Outgoing Response"))
                            .doesNotHaveDuplicates()
                            .isNotEmpty()
                            .isEqualTo(ids(logs, "Incoming Request")));
        }
    }

    private static List<String> ids(Logs logs, String message) throws IOException {
        return logs.lines("requests", message).stream()
                .map((JsonNode line) -> line.path("request_id").asText())
                .sorted()
                .toList();
    }

    /** No key of any pool stands in a log or in what the site printed. */
    void assertNoKeyIsWritten() throws Exception {
        awaitAll();
        Canaries canaries = new Canaries();
        upstreams.settings().forEach((gateway, settings) -> {
            for (String key : settings.get("openrouter.keys").split(",", -1)) {
                canaries.plant(gateway, key.substring("sk-or-v1-".length()));
            }
        });
        for (String gateway : upstreams.settings().keySet()) {
            assertThat(canaries.foundIn(new Logs(site.home(gateway)).text()))
                    .describedAs(gateway)
                    .isEmpty();
        }
        assertThat(canaries.foundIn(site.output())).isEmpty();
    }

    /** Waits until each cell has come to its end, good or bad. */
    void awaitAll() throws Exception {
        CompletableFuture.allOf(results.values().toArray(CompletableFuture[]::new))
                .handle((done, failure) -> true)
                .get(LONGEST_MINUTES, TimeUnit.MINUTES);
    }

    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        try (upstreams) {
            site.close();
        }
    }
}
