package dev.keyway.observe;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * What the machine refuses Keyway at the moment, such as room on a disk. The errors log has a line ({@code Machine Fault})
 * when one is first seen and one when it is over; who met it says so on the console, once as well.
 */
public final class MachineFaults {
    private final DailyLogs logs;
    private final List<Source> sources = new CopyOnWriteArrayList<>();
    private final Set<String> told = new HashSet<>();

    private record Source(String name, Supplier<String> reason) {}

    public MachineFaults(DailyLogs logs) {
        this.logs = logs;
        watch("log_files", logs::failure);
    }

    /**
     * Adds what may be refused.
     *
     * @param name snake_case; it is shown to everyone
     * @param reason why it is refused now, empty when it is not; asked by any thread and must answer at once
     */
    public void watch(String name, Supplier<String> reason) {
        sources.add(new Source(name, reason));
    }

    /** The names of what is refused now. */
    public List<String> now() {
        return sources.stream()
                .filter(source -> !source.reason().get().isEmpty())
                .map(Source::name)
                .toList();
    }

    /** Tells of what has changed since the last look. */
    public synchronized void look() {
        for (Source source : sources) {
            String reason = source.reason().get();
            if (!reason.isEmpty() && told.add(source.name())) {
                logs.write(
                        LogFiles.Log.ERRORS,
                        logs.line("WARN", "machine_fault", "Machine Fault")
                                .text("fault", source.name())
                                .text("error", reason));
            } else if (reason.isEmpty() && told.remove(source.name())) {
                logs.write(
                        LogFiles.Log.ERRORS,
                        logs.line("INFO", "machine_fault_over", "Machine Fault Over")
                                .text("fault", source.name()));
            }
        }
    }
}
