package dev.keyway.container;

import dev.keyway.testing.container.StockContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a container holds because of the gateways in it, after a full collection.
 *
 * @param loaders class loaders of web applications
 * @param listeners gateways, by the listener that each of them has
 * @param timers of whatever class loader
 * @param threads of Keyway's by their names, without those that come with work for them; the pool towards the upstream is
 *     there by its timer
 * @param files open in home folders, whatever the day
 */
record Holdings(int loaders, int listeners, int timers, List<String> threads, List<String> files) {
    private static final Pattern DAY = Pattern.compile("-\\d{4}-\\d\\d-\\d\\d");
    private static final Pattern LOADERS =
            Pattern.compile("(?m)^.*?:\\s+(\\d+)\\s+\\d+\\s+\\S+\\.(?:ParallelWebappClassLoader|WebAppClassLoader)\\b");
    private static final Pattern LISTENERS =
            Pattern.compile("(?m)^.*?:\\s+(\\d+)\\s+\\d+\\s+dev\\.keyway\\.app\\.GatewayContextListener$");
    private static final Pattern TIMERS = Pattern.compile(
            "(?m)^.*?:\\s+(\\d+)\\s+\\d+\\s+java\\.util\\.(?:TimerThread|concurrent\\.ScheduledThreadPoolExecutor)(?: |$)");
    private static final Pattern THREADS = Pattern.compile("(?m)^\"(keyway-(?!lookup|key-file)[a-z-]*[a-z])");

    /** Looks at the process; {@code homes} are their folders below the container's. */
    static Holdings of(StockContainer container, String... homes) throws IOException {
        // The first collection lets go of what the second then finds without a reference.
        container.jcmd("GC.run");
        String histogram = container.jcmd("GC.class_histogram");
        List<String> threads = THREADS.matcher(container.jcmd("Thread.print"))
                .results()
                .map(thread -> thread.group(1))
                .filter(name -> !name.equals("keyway-upstream"))
                .sorted()
                .toList();
        List<String> files = new ArrayList<>();
        for (String home : homes) {
            files.addAll(open(container, container.base().resolve(home)));
        }
        return new Holdings(sum(LOADERS, histogram), sum(LISTENERS, histogram), sum(TIMERS, histogram), threads, files);
    }

    private static int sum(Pattern rows, String histogram) {
        return rows.matcher(histogram)
                .results()
                .mapToInt(row -> Integer.parseInt(row.group(1)))
                .sum();
    }

    /** A file that was deleted or moved away is still held, under a name that begins in the same way. */
    private static List<String> open(StockContainer container, Path home) throws IOException {
        List<String> files = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + container.javaPid() + "/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                target(descriptor)
                        .filter(file -> file.startsWith(home))
                        .ifPresent(file -> files.add(DAY.matcher(file.toString()
                                        .substring(home.toString().length() + 1))
                                .replaceAll("")));
            }
        }
        files.sort(null);
        return files;
    }

    private static Optional<Path> target(Path descriptor) throws IOException {
        try {
            return Optional.of(Files.readSymbolicLink(descriptor));
        } catch (NoSuchFileException closedMeanwhile) {
            return Optional.empty();
        }
    }
}
