package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Attempt;
import dev.keyway.exchange.Outcome.Ended;
import dev.keyway.keys.KeySource;
import dev.keyway.keys.KeyState;
import dev.keyway.keys.KeyView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final List<String> NAMED = List.of(
            "openrouter_tokens_sent_total",
            "openrouter_tokens_received_total",
            "kms_active_keys",
            "kms_cooldown_keys",
            "system_cpu_usage_percent",
            "system_memory_usage_percent");

    private final List<KeyView> keys = new ArrayList<>();
    private final Metrics metrics = new Metrics(MetricsOptions.DEFAULTS, () -> List.copyOf(keys));

    @Test
    void the_six_names_of_older_dashboards_are_there_before_the_first_request() throws IOException {
        assertThat(series(metrics)).containsKeys(NAMED.toArray(String[]::new));
        assertThat(text(metrics))
                .contains(
                        "# TYPE openrouter_tokens_sent_total counter",
                        "# TYPE kms_active_keys gauge",
                        "# HELP keyway_keys ",
                        "jvm_memory_used_bytes",
                        "process_start_time_seconds");
    }

    @Test
    void a_request_moves_each_series_by_what_it_was() throws IOException {
        Map<String, Double> before = ours(metrics);

        metrics.onOutcome(SampleOutcome.complete());

        assertThat(moved(before, ours(metrics)))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "openrouter_tokens_sent_total", 10.0,
                        "openrouter_tokens_received_total", 20.0,
                        "keyway_requests_total{code=\"2xx\"}", 1.0,
                        "keyway_attempts_total{code=\"4xx\"}", 1.0,
                        "keyway_attempts_total{code=\"2xx\"}", 1.0));
    }

    @Test
    void a_request_without_usage_moves_no_token_and_one_without_answer_has_a_code_of_its_own() throws IOException {
        List<Attempt> unanswered = List.of(new Attempt("k_00000001", 0, "connect_failed", Duration.ZERO));
        Map<String, Double> before = ours(metrics);

        metrics.onOutcome(SampleOutcome.with("/v1/credits", null, unanswered, 0, Ended.CLIENT_GONE, null));
        metrics.onOutcome(SampleOutcome.with("/health", null, List.of(), 200, Ended.COMPLETE, null));

        assertThat(moved(before, ours(metrics)))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "keyway_requests_total{code=\"none\"}", 1.0, "keyway_attempts_total{code=\"none\"}", 1.0));
    }

    @Test
    void keys_are_counted_by_state_and_only_usable_ones_are_active() throws IOException {
        for (KeyState state : List.of(KeyState.COOLING, KeyState.COOLING, KeyState.EXHAUSTED, KeyState.DEACTIVATED)) {
            keys.add(key(state));
        }
        assertThat(series(metrics))
                .containsEntry("kms_active_keys", 0.0)
                .containsEntry("kms_cooldown_keys", 3.0)
                .containsEntry("keyway_keys{state=\"active\"}", 0.0)
                .containsEntry("keyway_keys{state=\"cooling\"}", 2.0)
                .containsEntry("keyway_keys{state=\"exhausted\"}", 1.0)
                .containsEntry("keyway_keys{state=\"deactivated\"}", 1.0);

        keys.add(key(KeyState.ACTIVE));

        assertThat(series(metrics)).containsEntry("kms_active_keys", 1.0);
    }

    @Test
    void machine_values_are_percentages() throws IOException {
        assertThat(series(metrics).get("system_memory_usage_percent")).isBetween(0.1, 100.0);
        assertThat(series(metrics).get("system_cpu_usage_percent")).isBetween(0.0, 100.0);
    }

    @Test
    void memory_that_only_caches_files_is_not_in_use() {
        List<String> file = List.of("MemTotal:  900 kB", "MemFree:  1 kB", "MemAvailable:     12 kB");

        assertThat(Machine.available(file, 900 * 1024)).hasValue(12 * 1024);
        assertThat(Machine.available(List.of("MemAvailable: many kB"), 1024)).isEmpty();
    }

    /** With a memory limit of 1 GiB on a machine of 24 the gauge was 0 for ever. */
    @Test
    void in_a_container_with_a_limit_the_memory_of_the_machine_outside_does_not_count() {
        List<String> machine = List.of("MemTotal:  25165824 kB", "MemAvailable:  20971520 kB");

        assertThat(Machine.available(machine, 1L << 30)).isEmpty();
    }

    @Test
    void what_is_switched_off_is_not_there() throws IOException {
        Metrics quiet = new Metrics(new MetricsOptions(false, false), List::of);

        quiet.onOutcome(SampleOutcome.complete());

        assertThat(text(quiet)).doesNotContain("openrouter_tokens", "system_").contains("kms_active_keys 0.0");
    }

    @Test
    void other_parts_can_add_their_own() throws IOException {
        metrics.gauge("keyway_circuit_open", "one", () -> 1);
        metrics.counter("keyway_lines_total", "many", () -> 7);

        assertThat(series(metrics)).containsEntry("keyway_circuit_open", 1.0).containsEntry("keyway_lines_total", 7.0);
    }

    /** Symptom: a web application whose class loader could never go, because a thread of the library held it. */
    @Test
    void no_thread_is_left_behind() throws IOException {
        metrics.onOutcome(SampleOutcome.complete());
        text(metrics);

        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.contains("prometheus"));
    }

    private static KeyView key(KeyState state) {
        return new KeyView("k_1", null, null, KeySource.CONFIG, state, null, null, null, 0, null, 0, 0, null);
    }

    private static String text(Metrics metrics) throws IOException {
        return new String(metrics.text(), StandardCharsets.UTF_8);
    }

    private static Map<String, Double> series(Metrics metrics) throws IOException {
        Map<String, Double> series = new TreeMap<>();
        text(metrics).lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int space = line.lastIndexOf(' ');
            series.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
        });
        return series;
    }

    /** What changes by itself left out. */
    private static Map<String, Double> ours(Metrics metrics) throws IOException {
        Map<String, Double> series = series(metrics);
        series.keySet().removeIf(name -> name.matches("(jvm|process|system)_.*"));
        return series;
    }

    private static Map<String, Double> moved(Map<String, Double> before, Map<String, Double> after) {
        Map<String, Double> moved = new TreeMap<>();
        after.forEach((name, value) -> {
            double by = value - before.getOrDefault(name, 0.0);
            if (by != 0) {
                moved.put(name, by);
            }
        });
        return moved;
    }
}
