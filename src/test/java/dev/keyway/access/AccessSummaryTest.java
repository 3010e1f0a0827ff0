package dev.keyway.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.access.AccessOptions.AccountRoutes;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccessSummaryTest {
    private static final List<AccessKey> KEYS = List.of(new AccessKey("team-a", "0".repeat(64)));

    @Test
    void who_may_administer_and_read_the_metrics_is_said_too() {
        AccessKey key = new AccessKey("any", "0".repeat(64));
        AccessSummary none = AccessSummary.of(AccessOptions.DEFAULTS, true);

        assertThat(none.with(AdminOptions.DEFAULTS, MetricsAccessOptions.DEFAULTS, ProxyOptions.DEFAULTS)
                        .lines())
                .containsAll(none.lines())
                .anyMatch(line -> line.contains("until admin.secret is set"))
                .anyMatch(line -> line.contains("until metrics.access_key is set"));
        assertThat(none.with(new AdminOptions(key), new MetricsAccessOptions(false, key), ProxyOptions.DEFAULTS)
                        .lines())
                .contains("/admin needs admin.secret", "/metrics/raw needs metrics.access_key");
        assertThat(none.with(new AdminOptions(key), new MetricsAccessOptions(true, key), ProxyOptions.DEFAULTS)
                        .lines())
                .anyMatch(line -> line.contains("metrics.open=true"));
    }

    @Test
    void access_keys_are_told_by_name() {
        AccessSummary summary = AccessSummary.of(options(KEYS, false, true, List.of()), true);

        assertThat(summary.lines())
                .contains("callers need an access key: clients=[team-a]")
                .contains("callers' own OpenRouter keys are forwarded: auth.passthrough=true")
                .contains("readable without any key, by anyone: public_endpoints=[/api/v1/models]")
                .contains("routes that manage the account, with the pool's keys: account_routes=read");
        assertThat(summary.warnings()).isEmpty();
    }

    @Test
    void an_open_pool_is_local_unless_it_was_opened_and_that_is_a_warning() {
        AccessSummary local = AccessSummary.of(AccessOptions.DEFAULTS, true);
        AccessSummary open = AccessSummary.of(options(List.of(), true, false, List.of("*")), true);

        assertThat(local.lines()).anyMatch(line -> line.contains("this machine only"));
        assertThat(local.warnings()).isEmpty();
        assertThat(open.warnings())
                .anyMatch(line -> line.contains("server.allow_open=true"))
                .anyMatch(line -> line.contains("cors.allowed_origins=[*]"));
    }

    @Test
    void without_upstream_keys_callers_bring_their_own() {
        AccessSummary alone = AccessSummary.of(AccessOptions.DEFAULTS, false);
        AccessSummary keyed = AccessSummary.of(options(KEYS, false, false, List.of()), false);

        assertThat(alone.lines()).contains("no upstream keys: each caller's own key is forwarded");
        assertThat(keyed.warnings()).anyMatch(line -> line.contains("answered 503"));
    }

    private static AccessOptions options(
            List<AccessKey> keys, boolean allowOpen, boolean passthrough, List<String> origins) {
        return new AccessOptions(keys, allowOpen, passthrough, List.of("/api/v1/models"), AccountRoutes.READ, origins);
    }
}
