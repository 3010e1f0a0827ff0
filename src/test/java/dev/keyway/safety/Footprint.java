package dev.keyway.safety;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.container.Distribution;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a Java process holds, after full collections.
 *
 * @param files open file descriptors, sockets included
 * @param threads Java threads, each with the place it is at, but for those of Jetty's pools that wait for work: by how
 *     many a pool has grown under load, and shrinks by one a minute, says nothing
 * @param pooled those
 * @param heapKib heap in use
 * @param residentKib memory of the process that the system holds in RAM
 * @param live number of objects of each class that was asked for, by its simple name
 */
record Footprint(
        int files, List<String> threads, int pooled, long heapKib, long residentKib, Map<String, Integer> live) {
    private static final Pattern USED = Pattern.compile("used ([0-9]+)K");
    private static final int PLACE_FRAMES = 8;
    private static final Pattern OBJECTS = Pattern.compile("(?m)^\\s*\\d+:\\s+(\\d+)\\s+\\d+\\s+(\\S+)");

    /** Looks at the process. */
    static Footprint of(long pid, List<String> classes) throws IOException, InterruptedException {
        // The first collection lets go of what the second then finds without a reference.
        jcmd(pid, "GC.run");
        long heap = heapKib(pid);
        Map<String, Integer> live = new TreeMap<>();
        classes.forEach(name -> live.put(simple(name), 0));
        for (MatchResult line :
                OBJECTS.matcher(jcmd(pid, "GC.class_histogram")).results().toList()) {
            if (classes.contains(line.group(2))) {
                live.put(simple(line.group(2)), Integer.parseInt(line.group(1)));
            }
        }
        List<String> threads = Pattern.compile("\\R\\R")
                .splitAsStream(jcmd(pid, "Thread.print"))
                .filter(thread -> thread.contains("\tat "))
                .toList();
        List<String> atWork = threads.stream()
                .filter(thread -> !isPooled(thread))
                .map(Footprint::nameAndPlace)
                .toList();
        return new Footprint(files(pid), atWork, threads.size() - atWork.size(), heap, number(pid, "VmRSS"), live);
    }

    private static boolean isPooled(String thread) {
        return thread.contains("QueuedThreadPool$Runner.idleJobPoll") || thread.contains("ReservedThread.reservedWait");
    }

    private static String nameAndPlace(String thread) {
        String name = thread.substring(0, thread.indexOf('"', thread.indexOf('"') + 1) + 1);
        return name.strip()
                + thread.lines()
                        .filter(line -> line.startsWith("\tat "))
                        .limit(PLACE_FRAMES)
                        .map(String::strip)
                        .collect(Collectors.joining(" ", " ", ""));
    }

    private static String simple(String className) {
        return className.substring(Math.max(className.lastIndexOf('.'), className.lastIndexOf('$')) + 1);
    }

    /** Heap in use after a full collection. */
    static long heapKib(long pid) throws IOException, InterruptedException {
        jcmd(pid, "GC.run");
        Matcher used = USED.matcher(jcmd(pid, "GC.heap_info"));
        assertThat(used.find()).isTrue();
        return Long.parseLong(used.group(1));
    }

    static int files(long pid) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return (int) open.count();
        }
    }

    private static int number(long pid, String name) throws IOException {
        String status = Files.readString(Path.of("/proc/" + pid + "/status"));
        Matcher line = Pattern.compile("(?m)^" + name + ":\\s+(\\d+)").matcher(status);
        assertThat(line.find()).isTrue();
        return Integer.parseInt(line.group(1));
    }

    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Distribution.javaHome() + "/bin/jcmd", Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).describedAs(output).isZero();
        return output;
    }
}
