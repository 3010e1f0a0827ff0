package dev.keyway.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.Proof;
import dev.keyway.testing.container.ChildProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Real fuzzing, {@code bash etc/prove.sh fuzz}: each target in a process of its own, as Jazzer takes one for each. What a
 * run finds is written among the committed inputs, and what it has learnt to {@code target/fuzz} for the next one.
 */
class FuzzingRun {
    private static final Proof PROOF = Proof.named("fuzz");
    private static final long SECONDS = Long.getLong("keyway.fuzz.seconds", 180);
    private static final Duration START_AND_END = Duration.ofMinutes(3);
    private static final Pattern DONE = Pattern.compile("Done (\\d+) runs in (\\d+) second");
    private static final Pattern CORPUS = Pattern.compile("cov: (\\d+) ft: \\d+ corp: (\\d+)/");

    @ParameterizedTest
    @CsvSource({
        "ModelStringFuzzTest,is_taken_apart_or_refused",
        "AliasTableFuzzTest,a_rule_is_made_or_refused_and_a_name_is_looked_up",
        "ConfigLoaderFuzzTest,is_loaded_or_refused"
    })
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void nothing_but_own_exceptions_is_found(String target, String method) throws Exception {
        Path learnt = Files.createDirectories(Path.of("target", "fuzz", target).toAbsolutePath());
        List<String> command = List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx1g",
                "-XX:-OmitStackTraceInFastThrow",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=dev.keyway.fuzz." + target,
                "--target_method=" + method,
                "--instrumentation_includes=dev.keyway.**:com.google.re2j.**:org.yaml.snakeyaml.**",
                "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.FilePathTraversal",
                "--reproducer_path=" + learnt.getParent(),
                learnt.toString(),
                "-timeout=10",
                "-print_final_stats=1",
                "-max_total_time=" + SECONDS);
        try (ChildProcess fuzzer = ChildProcess.start(command, Path.of("").toAbsolutePath(), Map.of())) {
            int exit = fuzzer.awaitExit(Duration.ofSeconds(SECONDS).plus(START_AND_END));

            assertThat(exit).describedAs(fuzzer.output()).isZero();
            Matcher done = last(DONE, fuzzer.output());
            Matcher corpus = last(CORPUS, fuzzer.output());
            PROOF.report(
                    "%s: %s inputs in %s s, %s places of the code reached by %s of them, no finding",
                    target, done.group(1), done.group(2), corpus.group(1), corpus.group(2));
        }
    }

    private static Matcher last(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        Matcher found = pattern.matcher(output);
        int from = -1;
        while (matcher.find()) {
            from = matcher.start();
        }
        assertThat(from >= 0 && found.find(from)).describedAs(output).isTrue();
        return found;
    }
}
