package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.catalogue.CatalogueOptions;
import dev.keyway.filter.IdentityOptions.Mode;
import dev.keyway.slug.AliasRule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that the proxies before tell their users to write, word for word. */
class SeedFilesTest {
    @TempDir
    private Path folder;

    private ConfigKit kit() {
        return new ConfigKit(folder);
    }

    @Test
    void config_yml_of_the_python_proxy() {
        ConfigResult.Loaded loaded = kit().file("config.yml", """
                # Server settings
                server:
                  host: "0.0.0.0" # Interface to bind to
                  port: 5555 # Port to listen on
                  access_key: "your_local_access_key_here" # Authentication key
                  log_level: "INFO" # Logging level (DEBUG, INFO, WARNING, ERROR, CRITICAL)
                  http_log_level: "INFO" # HTTP access logs level (DEBUG, INFO, WARNING, ERROR, CRITICAL)

                # OpenRouter API settings
                openrouter:
                  keys:
                    - "sk-or-v1-your-first-api-key"
                    - "sk-or-v1-your-second-api-key"
                    - "sk-or-v1-your-third-api-key"

                  # Cache settings for free models endpoint
                  enable_cache: true # Enable response caching
                  cache_ttl: 300 # Cache lifetime in seconds (5 minutes)

                  base_url: "https://openrouter.ai/api/v1" # OpenRouter API endpoint
                  public_endpoints: ["/api/v1/models"] # No auth required

                  # Key selection strategy: "round-robin" (default), "first" or "random".
                  key_selection_strategy: "round-robin"
                  # Options: ["same"] to prefer last used key
                  key_selection_opts: []

                  # When keys get rate limited
                  rate_limit_cooldown: 14400 # 4 hours
                  free_only: false # Only show free models
                  google_rate_delay: 0 # Delay for Google API issues

                # Outgoing proxy configuration
                requestProxy:
                  enabled: false # Enable to use proxy
                  url: "socks5://user:pass@proxy.com:1080" # Proxy URL with credentials
                """).loaded();

        assertThat(loaded.warnings()).isEmpty();
        GatewayConfig config = loaded.config();
        assertThat(config.server().host()).isEqualTo("0.0.0.0");
        assertThat(config.server().port()).isEqualTo(5555);
        assertThat(config.access().accessKeys()).hasSize(1);
        assertThat(config.keys().keys()).hasSize(3);
        assertThat(config.keys().rateLimitCooldown()).isEqualTo(Duration.ofHours(4));
        assertThat(config.keys().googleRateDelay()).isZero();
        assertThat(config.catalogue())
                .isEqualTo(new CatalogueOptions(true, Duration.ofMinutes(5), false, false, 50, 1000));
        assertThat(config.upstream().baseUrl()).hasToString("https://openrouter.ai/api/v1");
    }

    @Test
    void env_of_the_node_proxy() {
        GatewayConfig config = kit().file(
                        ".env", "PORT=3000  # Default port", "LOG_RETENTION_DAYS=14  # Keep logs for 14 days")
                .config();

        assertThat(config.server().port()).isEqualTo(3000);
        assertThat(config.logs().retentionDays()).isEqualTo(14);
    }

    @Test
    void yaml_and_flags_of_the_interactive_proxy() {
        GatewayConfig config = kit().file(
                        "old.yaml",
                        "backends:",
                        "  openrouter:",
                        "    type: openrouter",
                        "",
                        "default_backend: openrouter",
                        "",
                        "model_aliases:",
                        "  - pattern: \"^gpt-(.*)\"",
                        "    replacement: \"openrouter:openai/gpt-\\\\1\"",
                        "",
                        "identity:",
                        "  user_agent:",
                        "    mode: override",
                        "    override_value: \"MyApp/1.0.0\"")
                .flag("--config", "old.yaml")
                .flag("--default-backend", "openrouter")
                .flag("--force-model", "anthropic/claude-3-5-sonnet")
                .config();

        assertThat(config.route().aliases())
                .isEqualTo(List.of(new AliasRule("^gpt-(.*)", "openrouter:openai/gpt-\\1")));
        assertThat(config.route().forceModel()).isEqualTo("anthropic/claude-3-5-sonnet");
        assertThat(config.identity().userAgent().mode()).isEqualTo(Mode.OVERRIDE);
        assertThat(config.identity().userAgent().overrideValue()).isEqualTo("MyApp/1.0.0");
    }
}
