package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.access.AccessKey;
import dev.keyway.limit.RateLimitOptions;
import dev.keyway.limit.RateLimitOptions.Scope;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code rate_limit}, the limit of an access key, and what goes with pages of other origins. */
class RateLimitSettingsTest {
    @TempDir
    private Path folder;

    private ConfigKit kit() {
        return new ConfigKit(folder);
    }

    @Test
    void S2_31_defaults_are_those_of_the_system_that_had_limits_on_its_routes_only() {
        assertThat(kit().config().rateLimit())
                .isEqualTo(new RateLimitOptions(Duration.ofMinutes(15), 100, 50, Scope.SEED));
    }

    @Test
    void S2_1_its_variables_are_read_in_milliseconds_and_a_limit_that_is_set_holds_everywhere() {
        GatewayConfig config = kit().variable("RATE_LIMIT_WINDOW_MS", "60000")
                .variable("RATE_LIMIT_MAX_REQUESTS", "7")
                .variable("MAX_CONCURRENT_REQUESTS", "100")
                .config();

        assertThat(config.rateLimit()).isEqualTo(new RateLimitOptions(Duration.ofMinutes(1), 7, 50, Scope.ALL));
        assertThat(config.admission().maxConcurrentRequests()).isEqualTo(100);
        assertThat(kit().variable("RATE_LIMIT_WINDOW_MS", "60000")
                        .config()
                        .rateLimit()
                        .scope())
                .describedAs("a window alone is no limit")
                .isEqualTo(Scope.SEED);
        assertThat(kit().yaml("rate_limit: {max_requests: 7, scope: seed}")
                        .config()
                        .rateLimit()
                        .scope())
                .isEqualTo(Scope.SEED);
    }

    @Test
    void an_access_key_may_have_a_limit_of_its_own() {
        GatewayConfig config = kit().yaml(
                        "server:", "  access_keys: [{name: alice, key: a-key-of-some-length-1, rate_limit: 500}]")
                .config();

        assertThat(config.access().accessKeys())
                .extracting(AccessKey::rateLimit)
                .containsExactly(500);
        assertThat(kit().yaml("server:", "  access_keys: [{name: alice, key: a-key-of-some-length-1, rate_limit: 0}]")
                        .problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem).contains("\"0\" is out of range: 1 to 1000000"));
    }

    @Test
    void what_is_no_limit_is_refused() {
        assertThat(kit().yaml("rate_limit: {max_requests: 0, window: 500ms, inference_max_requests: many, scope: some}")
                        .problems())
                .hasSize(4);
    }

    @Test
    void S2_33_credentials_never_go_with_a_star() {
        assertThat(kit().variable("CORS_CREDENTIALS", "true")
                        .variable("ALLOWED_ORIGINS", "*")
                        .problems())
                .singleElement()
                .satisfies(
                        problem -> assertThat(problem).contains("cors.allowed_origins", "each is listed, * is none"));
        assertThat(kit().variable("CORS_CREDENTIALS", "true")
                        .variable("ALLOWED_ORIGINS", "https://app.example.com")
                        .config()
                        .access()
                        .credentials())
                .isTrue();
    }
}
