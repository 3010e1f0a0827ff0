package dev.keyway.observe;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** Load and memory of the whole machine, or of the container it is; in percent, NaN where nobody says. */
final class Machine {
    private static final Path LINUX = Path.of("/proc/meminfo");
    private static final int PERCENT = 100;
    private final OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    /** How busy its processors were since this was asked last. */
    double processors() {
        double load = system.getCpuLoad();
        return load < 0 ? Double.NaN : load * PERCENT;
    }

    /** How much of its memory can't be had; what only caches files can. */
    double memory() {
        long total = system.getTotalMemorySize();
        long free = available(total).orElseGet(system::getFreeMemorySize);
        return total <= 0 ? Double.NaN : PERCENT * Math.max(0, total - free) / (double) total;
    }

    private static OptionalLong available(long total) {
        try {
            return Files.exists(LINUX) ? available(Files.readAllLines(LINUX), total) : OptionalLong.empty();
        } catch (IOException unreadable) {
            return OptionalLong.empty();
        }
    }

    /**
     * Bytes, of {@code MemAvailable:   1234 kB}; nothing where the file speaks of more memory than there is for this
     * process: inside a container it tells of the machine outside.
     *
     * @param total bytes that this process could have, as the Java platform sees it
     */
    static OptionalLong available(List<String> lines, long total) {
        OptionalLong machine = bytes(lines, "MemTotal");
        return machine.isPresent() && machine.getAsLong() > total ? OptionalLong.empty() : bytes(lines, "MemAvailable");
    }

    private static OptionalLong bytes(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.matches(name + ": +[0-9]{1,15} kB"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst();
    }
}
