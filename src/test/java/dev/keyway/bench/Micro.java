package dev.keyway.bench;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.management.ThreadMXBean;
import dev.keyway.catalogue.Lists;
import dev.keyway.exchange.Api;
import dev.keyway.keys.Fate;
import dev.keyway.keys.KeyAsk;
import dev.keyway.keys.KeyEffect;
import dev.keyway.keys.KeyPool;
import dev.keyway.keys.KeyPoolOptions;
import dev.keyway.keys.KeyVerdict;
import dev.keyway.keys.Selection;
import dev.keyway.slug.SlugParser;
import dev.keyway.stream.UsageTap;
import dev.keyway.stream.UsageTaps;
import dev.keyway.testing.Pools;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import dev.keyway.wire.Secret;
import dev.keyway.wire.SseParser;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The parts of Keyway that every request or event passes, alone on one thread or, where it says so, on many: nanoseconds
 * and allocated bytes for each call, on many threads the time of all divided by the calls of all. All cases warm up before any is timed, so that each is compiled with the others known.
 */
final class Micro {
    static final int CASES = 26;
    static final int REPEATS = 5;

    private static final int BATCH = 64;
    private static final int THREADS_TOGETHER = 64;
    private static final int MANY_KEYS = 10_000;
    private static final int SESSIONS = 1024;
    private static final String EMPTY_LINE = "\n\n";
    private static final KeyVerdict SERVED =
            new KeyVerdict(new KeyEffect.Served(), Fate.ANSWERED, KeyVerdict.OK, Duration.ZERO, null);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Whatever a case computes goes here, so that no compiler may leave it out. */
    @SuppressWarnings("UnusedVariable")
    private static volatile int sink;

    private Micro() {}

    /** Argument: milliseconds for each repeat of each case. Prints {@code name<tab>ns<tab>bytes} for each repeat. */
    public static void main(String[] args) throws Exception {
        long nanos = Long.parseLong(args[0]) * 1_000_000;
        Map<String, Timed> cases = cases();
        for (int warm = 0; warm < 2; warm++) {
            for (Timed each : cases.values()) {
                each.time(nanos / 2);
            }
        }
        for (int repeat = 0; repeat < REPEATS - 1; repeat++) {
            for (Map.Entry<String, Timed> each : cases.entrySet()) {
                System.out.println(each.getKey() + "\t" + each.getValue().time(nanos));
            }
        }
    }

    /** A case: runs for this long and says {@code ns<tab>bytes} for each call. */
    private interface Timed {
        String time(long nanos) throws Exception;
    }

    private static Timed alone(IntSupplier body) {
        return nanos -> time(body, nanos);
    }

    private static Timed together(IntSupplier body) {
        return nanos -> timeTogether(body, nanos);
    }

    private static String timeTogether(IntSupplier body, long nanos) throws Exception {
        LongAdder calls = new LongAdder();
        LongAdder bytes = new LongAdder();
        long start = System.nanoTime();
        Thread[] threads = new Thread[THREADS_TOGETHER];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                long allocated = THREADS.getCurrentThreadAllocatedBytes();
                int sum = 0;
                long done = 0;
                while (System.nanoTime() - start < nanos) {
                    for (int n = 0; n < BATCH; n++) {
                        sum += body.getAsInt();
                    }
                    done += BATCH;
                }
                sink = sum;
                calls.add(done);
                bytes.add(THREADS.getCurrentThreadAllocatedBytes() - allocated);
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double elapsed = System.nanoTime() - start;
        return String.format(Locale.ROOT, "%.1f\t%.1f", elapsed / calls.sum(), (double) bytes.sum() / calls.sum());
    }

    private static String time(IntSupplier body, long nanos) {
        long calls = 0;
        int sum = 0;
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        long now = start;
        while (now - start < nanos) {
            for (int i = 0; i < BATCH; i++) {
                sum += body.getAsInt();
            }
            calls += BATCH;
            now = System.nanoTime();
        }
        sink = sum;
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        return String.format(Locale.ROOT, "%.1f\t%.1f", (double) (now - start) / calls, (double) bytes / calls);
    }

    private static Map<String, Timed> cases() {
        Map<String, Timed> cases = new LinkedHashMap<>();
        cases.put("SlugParser: no tag", alone(slug("deepseek/deepseek-r1")));
        cases.put("SlugParser: three tags", alone(slug("deepseek/deepseek-r1$think.high,fp8,fireworks")));
        cases.put("JsonBody: 1 KB, model and usage replaced, slices", alone(splice(1024)));
        cases.put("JsonBody: 100 KB, the same", alone(splice(100 * 1024)));
        cases.put("SseParser: an event of 0.4 KB", alone(parse(400)));
        cases.put("SseParser: an event of 4 KB", alone(parse(4096)));
        cases.put("usage tap: an event of 0.4 KB without usage", alone(tap(400)));
        cases.put("usage tap: an event of 4 KB without usage", alone(tap(4096)));
        cases.put("key selection: round-robin, 2 keys", alone(select("round-robin", 2)));
        cases.put("key selection: round-robin, 100 keys", alone(select("round-robin", 100)));
        for (String strategy :
                List.of("round-robin", "first", "random", "least-recently-used", "most-credit", "sticky")) {
            cases.put("key selection: " + strategy + ", 10,000 keys", alone(select(strategy, MANY_KEYS)));
            cases.put("the same on 64 threads: " + strategy, together(select(strategy, MANY_KEYS)));
        }
        cases.put("key selection: by conversation, 10,000 accounts", alone(selectForSessions()));
        cases.put("10,000 keys looked for in a header of 100 characters", alone(lookForKeys()));
        cases.put("1,000 models searched, a page of 50 made", alone(Lists.searching(1000)));
        cases.put("a list of 1,000 models looked up by id", alone(Lists.finding(1000)));
        if (cases.size() != CASES) {
            throw new AssertionError("CASES is " + cases.size());
        }
        return cases;
    }

    private static IntSupplier slug(String model) {
        return () -> SlugParser.parse(model).tags().size();
    }

    private static IntSupplier splice(int size) {
        byte[] bytes = new Target("", 1, "", "", "deepseek/deepseek-r1$fp8", 1)
                .body(false, size)
                .getBytes(StandardCharsets.US_ASCII);
        return () -> {
            JsonBody body = JsonBody.parse(bytes);
            JsonValue including =
                    JsonBody.EMPTY.with("include", BooleanNode.TRUE).asValue();
            return body.with("model", TextNode.valueOf("deepseek/deepseek-r1"))
                    .with("usage", including)
                    .slices()
                    .size();
        };
    }

    private static byte[] event(int size) {
        String start =
                "data: {\"id\":\"gen-1\",\"model\":\"deepseek/deepseek-r1\",\"object\":\"chat.completion.chunk\","
                        + "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"";
        String end = "\"},\"finish_reason\":null}]}" + EMPTY_LINE;
        return (start + "a".repeat(size - start.length() - end.length()) + end).getBytes(StandardCharsets.US_ASCII);
    }

    private static IntSupplier parse(int size) {
        byte[] event = event(size);
        int[] seen = {0};
        SseParser parser = new SseParser(
                SseParser.MAX_DATA, found -> seen[0] += found.data().remaining());
        return () -> {
            parser.feed(event, 0, event.length);
            return seen[0];
        };
    }

    private static IntSupplier tap(int size) {
        ByteBuffer event = ByteBuffer.wrap(event(size));
        UsageTap tap = UsageTaps.of(Api.CHAT, "text/event-stream");
        return () -> {
            tap.onBytes(event);
            return (int) tap.progress();
        };
    }

    private static IntSupplier select(String strategy, int count) {
        KeyPool pool = pool(strategy, count);
        return () -> {
            Selection selection = pool.select(KeyAsk.ANY);
            if (selection instanceof Selection.Lease lease) {
                pool.report(lease, SERVED);
                return 1;
            }
            return 0;
        };
    }

    private static IntSupplier selectForSessions() {
        KeyPool pool = pool("round-robin", MANY_KEYS);
        KeyAsk[] asks = IntStream.range(0, SESSIONS)
                .mapToObj(i -> new KeyAsk(false, "conversation " + i, Set.of(), Set.of()))
                .toArray(KeyAsk[]::new);
        int[] next = {0};
        return () -> pool.select(asks[next[0]++ % SESSIONS]) instanceof Selection.Lease ? 1 : 0;
    }

    private static IntSupplier lookForKeys() {
        KeyPool pool = pool("round-robin", MANY_KEYS);
        String header = "public, max-age=0; ".repeat(5) + "xyz12";
        return () -> pool.appearsIn(header) ? 1 : 0;
    }

    private static KeyPool pool(String strategy, int count) {
        List<KeyPoolOptions.Entry> keys = IntStream.range(0, count)
                .mapToObj(i -> new KeyPoolOptions.Entry(
                        new Secret("sk-or-v1-" + String.format(Locale.ROOT, "%064d", i)), null, null))
                .toList();
        KeyPoolOptions options = new KeyPoolOptions(keys, strategy, false, Duration.ofHours(4), Duration.ZERO);
        RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
        return Pools.of(options, Instant::now, random, event -> {});
    }
}
