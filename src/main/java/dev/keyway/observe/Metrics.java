package dev.keyway.observe;

import dev.keyway.exchange.Attempt;
import dev.keyway.exchange.Outcome;
import dev.keyway.exchange.OutcomeListener;
import dev.keyway.exchange.Usage;
import dev.keyway.keys.KeyState;
import dev.keyway.keys.KeyView;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmBufferPoolMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmClassLoadingMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmRuntimeInfoMetric;
import io.prometheus.metrics.instrumentation.jvm.JvmThreadsMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is counted, in Prometheus' text format. Keys and machine are asked when somebody reads; requests, attempts and
 * tokens are counted at a request's end.
 *
 * <p>The names {@code openrouter_tokens_sent_total}, {@code openrouter_tokens_received_total}, {@code kms_active_keys},
 * {@code kms_cooldown_keys}, {@code system_cpu_usage_percent} and {@code system_memory_usage_percent} are those of older
 * dashboards; Keyway's own begin with {@code keyway_}, the Java platform's with {@code jvm_} and {@code process_}. Tokens
 * are those the upstream stated, never an estimate. No series names a key, a client or a model.
 */
public final class Metrics implements OutcomeListener {
    static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;
    private static final List<String> DATA_API = List.of("/v1/", "/api/v1/");

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Counter requests = counter("keyway_requests_total", "requests of the data API that ended", "code");
    private final Counter attempts = counter("keyway_attempts_total", "sends to the upstream that ended", "code");
    private final @Nullable Counter sent;
    private final @Nullable Counter received;

    /** @param keys all keys of the pool as they are now; must answer at once */
    public Metrics(MetricsOptions options, Supplier<List<KeyView>> keys) {
        sent = options.tokens()
                ? counter("openrouter_tokens_sent_total", "prompt tokens, as the upstream counted them")
                : null;
        received = options.tokens()
                ? counter("openrouter_tokens_received_total", "completion tokens, as the upstream counted them")
                : null;
        keys(keys);
        if (options.system()) {
            Machine machine = new Machine();
            gauge("system_cpu_usage_percent", "load of the machine's processors", machine::processors);
            gauge("system_memory_usage_percent", "memory of the machine that is in use", machine::memory);
        }
        platform();
    }

    private Counter counter(String name, String help, String... labels) {
        // With exemplars the library starts a thread, which would outlive its web application.
        return Counter.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .register(registry);
    }

    private void keys(Supplier<List<KeyView>> keys) {
        gauge("kms_active_keys", "keys that may be used now", () -> count(keys.get(), KeyState.ACTIVE));
        gauge("kms_cooldown_keys", "keys that rest and will be used again by themselves or with new credit", () -> {
            List<KeyView> views = keys.get();
            return count(views, KeyState.COOLING) + count(views, KeyState.EXHAUSTED);
        });
        GaugeWithCallback.builder()
                .name("keyway_keys")
                .help("keys of the pool")
                .labelNames("state")
                .callback(series -> {
                    List<KeyView> views = keys.get();
                    for (KeyState state : KeyState.values()) {
                        series.call(count(views, state), state.word());
                    }
                })
                .register(registry);
    }

    private static int count(List<KeyView> views, KeyState state) {
        return (int) views.stream().filter(view -> view.state() == state).count();
    }

    /** All of the library's but those that leave listeners behind in the platform. */
    private void platform() {
        JvmBufferPoolMetrics.builder().register(registry);
        JvmClassLoadingMetrics.builder().register(registry);
        JvmGarbageCollectorMetrics.builder().register(registry);
        JvmMemoryMetrics.builder().register(registry);
        JvmRuntimeInfoMetric.builder().register(registry);
        JvmThreadsMetrics.builder().register(registry);
        ProcessMetrics.builder().register(registry);
    }

    /** Adds a value that goes up and down; {@code value} is asked when somebody reads and must answer at once. */
    public void gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(series -> series.call(value.getAsDouble()))
                .register(registry);
    }

    /** Adds a value that only goes up. */
    public void counter(String name, String help, LongSupplier value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(series -> series.call((double) value.getAsLong()))
                .register(registry);
    }

    @Override
    public void onOutcome(Outcome outcome) {
        if (DATA_API.stream().anyMatch(outcome.path()::startsWith)) {
            requests.labelValues(codeOf(outcome.status())).inc();
        }
        for (Attempt attempt : outcome.attempts()) {
            attempts.labelValues(codeOf(attempt.status())).inc();
        }
        Usage usage = outcome.answer().usage();
        if (usage != null && sent != null && received != null) {
            sent.inc(Math.max(0, usage.promptTokens()));
            received.inc(Math.max(0, usage.completionTokens()));
        }
    }

    /** {@code 2xx} and so on; {@code none} where there was no status. */
    private static String codeOf(int status) {
        return status < 100 ? "none" : status / 100 + "xx";
    }

    /** All series, as UTF-8 text. */
    byte[] text() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(text, registry.scrape());
        return text.toByteArray();
    }
}
