package dev.keyway.bench;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.management.ThreadMXBean;
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
import java.util.SplittableRandom;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/**
 * The parts of Keyway that every request or event passes, alone on one thread: nanoseconds and allocated bytes for each
 * call. All cases warm up before any is timed, so that each is compiled with the others known.
 */
final class Micro {
    static final int CASES = 10;
    static final int REPEATS = 5;

    private static final int BATCH = 64;
    private static final String EMPTY_LINE = "\n\n";
    private static final KeyVerdict SERVED =
            new KeyVerdict(new KeyEffect.Served(), Fate.ANSWERED, KeyVerdict.OK, Duration.ZERO, null);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Whatever a case computes goes here, so that no compiler may leave it out. */
    @SuppressWarnings("UnusedVariable")
    private static volatile int sink;

    private Micro() {}

    /** Argument: milliseconds for each repeat of each case. Prints {@code name<tab>ns<tab>bytes} for each repeat. */
    public static void main(String[] args) {
        long nanos = Long.parseLong(args[0]) * 1_000_000;
        Map<String, IntSupplier> cases = cases();
        for (int warm = 0; warm < 2; warm++) {
            cases.values().forEach(each -> time(each, nanos / 2));
        }
        for (int repeat = 0; repeat < REPEATS - 1; repeat++) {
            cases.forEach((name, each) -> System.out.println(name + "\t" + time(each, nanos)));
        }
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

    private static Map<String, IntSupplier> cases() {
        Map<String, IntSupplier> cases = new LinkedHashMap<>();
        cases.put("SlugParser: no tag", slug("deepseek/deepseek-r1"));
        cases.put("SlugParser: three tags", slug("deepseek/deepseek-r1$think.high,fp8,fireworks"));
        cases.put("JsonBody: 1 KB, model and usage replaced, slices", splice(1024));
        cases.put("JsonBody: 100 KB, the same", splice(100 * 1024));
        cases.put("SseParser: an event of 0.4 KB", parse(400));
        cases.put("SseParser: an event of 4 KB", parse(4096));
        cases.put("usage tap: an event of 0.4 KB without usage", tap(400));
        cases.put("usage tap: an event of 4 KB without usage", tap(4096));
        cases.put("key selection: round-robin, 2 keys", select(2));
        cases.put("key selection: round-robin, 100 keys", select(100));
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

    private static IntSupplier select(int count) {
        List<KeyPoolOptions.Entry> keys = IntStream.range(0, count)
                .mapToObj(i -> new KeyPoolOptions.Entry(
                        new Secret("sk-or-v1-" + String.format(Locale.ROOT, "%064d", i)), null, null))
                .toList();
        SplittableRandom random = new SplittableRandom(1);
        KeyPool pool = new KeyPool(KeyPoolOptions.DEFAULTS.withKeys(keys), Instant::now, random, event -> {});
        return () -> {
            Selection selection = pool.select(KeyAsk.ANY);
            if (selection instanceof Selection.Lease lease) {
                pool.report(lease, SERVED);
                return 1;
            }
            return 0;
        };
    }
}
