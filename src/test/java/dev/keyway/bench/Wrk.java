package dev.keyway.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One run of wrk with {@code etc/bench/post.lua}. */
final class Wrk {
    private static final Pattern LINE =
            Pattern.compile("bench requests=(\\d+) micros=(\\d+) p50=([\\d.]+) p99=([\\d.]+) "
                    + "connect=(\\d+) read=(\\d+) write=(\\d+) status=(\\d+) timeout=(\\d+)");
    private static final long GRACE_SECONDS = 15;

    /**
     * What it counted.
     *
     * @param p50 milliseconds
     * @param p99 milliseconds
     * @param errors answers that were no 2xx or 3xx, and connections that failed
     */
    record Result(long requests, double seconds, double p50, double p99, long errors) {
        double perSecond() {
            return requests / seconds;
        }
    }

    private final Path script;

    Wrk(Path script) {
        this.script = script;
    }

    /** Sends {@code body} again and again over so many connections. */
    Result run(Target target, Path body, int connections, Duration duration) throws IOException, InterruptedException {
        Process wrk = new ProcessBuilder(List.of(
                        "wrk",
                        "-t1",
                        "-c" + connections,
                        "-d" + duration.toSeconds() + "s",
                        "-s",
                        script.toString(),
                        "http://127.0.0.1:" + target.port() + target.path(),
                        "--",
                        body.toString(),
                        target.bearer()))
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!wrk.waitFor(duration.toSeconds() + GRACE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("wrk did not end:\n" + output);
            }
            return parse(output);
        } finally {
            wrk.destroyForcibly();
        }
    }

    static Result parse(String output) throws IOException {
        Matcher line = LINE.matcher(output);
        if (!line.find()) {
            throw new IOException("wrk said nothing that counts:\n" + output);
        }
        long errors = 0;
        for (int group = 5; group <= 9; group++) {
            errors += Long.parseLong(line.group(group));
        }
        return new Result(
                Long.parseLong(line.group(1)),
                Long.parseLong(line.group(2)) / 1e6,
                Double.parseDouble(line.group(3)) / 1e3,
                Double.parseDouble(line.group(4)) / 1e3,
                errors);
    }
}
