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
        long free = available().orElseGet(system::getFreeMemorySize);
        return total <= 0 ? Double.NaN : PERCENT * Math.max(0, total - free) / (double) total;
    }

    private static OptionalLong available() {
        try {
            return Files.exists(LINUX) ? available(Files.readAllLines(LINUX)) : OptionalLong.empty();
        } catch (IOException unreadable) {
            return OptionalLong.empty();
        }
    }

    /** Bytes, of {@code MemAvailable:   1234 kB}. */
    static OptionalLong available(List<String> lines) {
        return lines.stream()
                .filter(line -> line.matches("MemAvailable: +[0-9]{1,15} kB"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst();
    }
}
