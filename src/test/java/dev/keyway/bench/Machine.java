package dev.keyway.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.util.Jetty;

/** What the figures were taken on and of. */
final class Machine {
    private Machine() {}

    /** Lines of a list in Markdown. */
    static List<String> lines() throws IOException, InterruptedException {
        return List.of(
                "- machine: " + Runtime.getRuntime().availableProcessors() + " cores of " + processor() + ", "
                        + memory() + ", Linux " + System.getProperty("os.version"),
                "- Java " + System.getProperty("java.version") + ", Jetty " + Jetty.VERSION + ", "
                        + lastLine("nginx", "-v").replace("nginx version: ", "") + ", "
                        + lastLine("sh", "-c", "wrk -v | head -n 1").replaceFirst(" Copyright.*", ""),
                "- commit " + commit());
    }

    private static String processor() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 2))
                .findFirst()
                .orElse("unknown");
    }

    private static String memory() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/meminfo")).get(0);
        double kilobytes = Double.parseDouble(line.replaceAll("\\D", ""));
        return String.format(Locale.ROOT, "%.0f GiB", kilobytes / 1024 / 1024);
    }

    private static String commit() throws IOException, InterruptedException {
        String commit = lastLine("git", "rev-parse", "--short=12", "HEAD");
        boolean changed = !lastLine("git", "status", "--porcelain", "--", "src", "pom.xml")
                .isBlank();
        return changed ? commit + " and changes" : commit;
    }

    private static String lastLine(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        process.waitFor();
        return text.substring(text.lastIndexOf('\n') + 1);
    }
}
