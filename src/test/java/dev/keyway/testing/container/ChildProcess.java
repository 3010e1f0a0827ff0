package dev.keyway.testing.container;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A program started by a test: its environment is exactly what is given, the last {@value #KEPT_LINES} lines of its
 * output are kept, and it never outlives the test.
 */
public final class ChildProcess implements AutoCloseable {
    private static final int KEPT_LINES = 5000;
    private static final Duration POLL = Duration.ofMillis(50);
    private static final List<String> INHERITED = List.of("PATH", "LANG", "LC_ALL", "TMPDIR");

    private final Process process;
    private final Deque<String> lines = new ArrayDeque<>();
    private final Thread reader;
    private final Thread lastResort;

    private ChildProcess(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "output of " + process.pid());
        this.lastResort = new Thread(process::destroyForcibly, "end of " + process.pid());
        reader.setDaemon(true);
    }

    /** Starts {@code command} in {@code folder}. */
    public static ChildProcess start(List<String> command, Path folder, Map<String, String> environment)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().keySet().retainAll(INHERITED);
        builder.environment().putAll(environment);
        ChildProcess child = new ChildProcess(builder.start());
        Runtime.getRuntime().addShutdownHook(child.lastResort);
        child.reader.start();
        return child;
    }

    private void read() {
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                keep(line);
            }
        } catch (IOException e) {
            keep("(output ended: " + e.getMessage() + ")");
        }
    }

    private synchronized void keep(String line) {
        if (lines.size() == KEPT_LINES) {
            lines.removeFirst();
        }
        lines.addLast(line);
    }

    /** What it has printed so far, standard error included. */
    public synchronized String output() {
        return String.join("\n", lines);
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Waits until something is true.
     *
     * @throws AssertionError with the output, when the program ends first or the time is over
     */
    public void await(String what, Duration atMost, Predicate<ChildProcess> condition) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.test(this)) {
            if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                reader.join(1000);
                if (condition.test(this)) {
                    return;
                }
                throw new AssertionError("ended with " + process.exitValue() + " before it " + what + ":\n" + output());
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("in " + atMost + " it never " + what + ":\n" + output());
            }
        }
    }

    /** Waits for its end; the exit code. */
    public int awaitExit(Duration atMost) throws InterruptedException {
        if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still runs after " + atMost + ":\n" + output());
        }
        reader.join(1000);
        return process.exitValue();
    }

    /** SIGTERM; what it prints from then on is still read, which {@code Process.destroy} would end. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** SIGTERM, then after 40 s SIGKILL; returns when it is gone. */
    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(40, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            reader.join(1000);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
        Runtime.getRuntime().removeShutdownHook(lastResort);
    }
}
