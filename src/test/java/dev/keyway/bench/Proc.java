package dev.keyway.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** What Linux says of a running process and of the machine, in {@code /proc}. */
final class Proc {
    /** {@code USER_HZ}, in which Linux tells times of processes on every usual machine. */
    private static final double TICKS_PER_SECOND = 100;

    /** Fields of {@code stat} after the name in brackets: user time, system time. */
    private static final int UTIME = 11;

    private static final int STIME = 12;

    private Proc() {}

    /** User and system time so far in seconds, in steps of 10 ms; {@code /proc/<pid>/stat}. */
    static double cpuSeconds(long pid) {
        String stat = read(Path.of("/proc", Long.toString(pid), "stat"));
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        return (Long.parseLong(fields.get(UTIME)) + Long.parseLong(fields.get(STIME))) / TICKS_PER_SECOND;
    }

    /** Resident memory now, MiB. */
    static double residentMiB(long pid) {
        return status(pid, "VmRSS") / 1024.0;
    }

    /** The most resident memory since the start or {@link #resetPeak}, MiB. */
    static double peakMiB(long pid) {
        return status(pid, "VmHWM") / 1024.0;
    }

    static int threads(long pid) {
        return (int) status(pid, "Threads");
    }

    /** Lets {@link #peakMiB} count from now on. */
    static void resetPeak(long pid) throws IOException {
        Files.writeString(Path.of("/proc", Long.toString(pid), "clear_refs"), "5");
    }

    /** How often the threads that live now have given up or lost a core. */
    static long contextSwitches(long pid) throws IOException {
        long sum = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path task : tasks) {
                sum += switchesOf(task);
            }
        }
        return sum;
    }

    private static long switchesOf(Path task) throws IOException {
        try {
            String status = Files.readString(task.resolve("status"));
            return number(status, "voluntary_ctxt_switches") + number(status, "nonvoluntary_ctxt_switches");
        } catch (NoSuchFileException ended) {
            return 0;
        }
    }

    /** The load average of the last minute. */
    static double load() {
        String text = read(Path.of("/proc/loadavg"));
        return Double.parseDouble(text.substring(0, text.indexOf(' ')));
    }

    private static long status(long pid, String name) {
        return number(read(Path.of("/proc", Long.toString(pid), "status")), name);
    }

    private static long number(String status, String name) {
        int at = status.indexOf("\n" + name + ":") + name.length() + 2;
        int end = status.indexOf('\n', at);
        return Long.parseLong(status.substring(at, end).replace("kB", "").strip());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
