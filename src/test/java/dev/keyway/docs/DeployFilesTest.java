package dev.keyway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigLoader;
import dev.keyway.config.ConfigResult;
import dev.keyway.config.GatewayConfig;
import dev.keyway.config.SettingValue;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples in deploy/ fit the program, each other and the rules that every example keeps. */
class DeployFilesTest {
    private static final String IMAGE_CONFIG = "/etc/keyway/keyway.yml";
    private static final Set<String> FILES = Set.of("keys.json", "server.xml");
    private static final Pattern REQUIRED = Pattern.compile("\\$\\{(\\w+):\\?[^}]+\\}");
    private static final Pattern SETTING = Pattern.compile(
            "(?<![\\w/.{])(server|openrouter|keys|upstream|retry|logs|admin|metrics|cors|health|slug|auth)"
                    + "\\.([a-z_]+)(?![\\w.(])");

    @TempDir
    private Path home;

    @Test
    void every_yaml_and_json_file_can_be_read() throws IOException {
        assertThat(DeployFiles.all("", ".yaml", ".yml", ".json"))
                .hasSizeGreaterThan(12)
                .allSatisfy(file -> assertThat(DeployFiles.documents(file)).isNotEmpty());
    }

    @Test
    void the_image_runs_as_a_user_without_rights_and_ends_when_memory_is_exhausted() throws Exception {
        assertThat(DeployFiles.instructions("USER")).containsExactly("10001:10001");
        assertThat(DeployFiles.instructions("COPY")).contains("deploy/bin/keyway /usr/bin/");
        assertThat(DeployFiles.text("bin/keyway")).contains("-XX:+ExitOnOutOfMemoryError ${JAVA_OPTS:-}");
        assertThat(DeployFiles.imageEnvironment()).containsEntry("JAVA_OPTS", "-XX:MaxRAMPercentage=75");
        assertThat(DeployFiles.instructions("EXPOSE")).containsExactly(port());
        assertThat(DeployFiles.instructions("ENTRYPOINT")).containsExactly("[\"keyway\"]");
    }

    @Test
    void what_the_image_is_built_from_is_let_in_and_nothing_else() throws IOException {
        List<String> lines = Files.readAllLines(Path.of(".dockerignore"));

        assertThat(lines).contains("*", "**/.env");
        assertThat(lines.stream().filter(line -> line.startsWith("!")).map(line -> Path.of(line.substring(1))))
                .contains(Path.of("pom.xml"), Path.of("src"), Path.of("webapp"))
                .allSatisfy(path -> assertThat(path).exists());
        String pom = Files.readString(Path.of("pom.xml"));
        assertThat(Pattern.compile("\\$\\{project\\.basedir\\}/(etc/[^<]+\\.ftl)")
                        .matcher(pom)
                        .results()
                        .map(match -> "!" + match.group(1)))
                .isNotEmpty()
                .isSubsetOf(lines);
    }

    @Test
    void the_health_check_of_the_image_tells_a_gateway_that_answers_from_none() throws Exception {
        List<String> check =
                DeployFiles.command(DeployFiles.instructions("HEALTHCHECK").get(0));
        int silent;
        try (ServerSocket taken = new ServerSocket(0)) {
            silent = taken.getLocalPort();
        }

        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway = RunningKeyway.before(upstream.baseUrl(), home, Map.of())) {
            assertThat(exitCode(check, keyway.port())).isZero();
        }
        assertThat(exitCode(check, silent)).isNotZero();
    }

    private static int exitCode(List<String> command, int port) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("PORT", "" + port);
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void compose_gives_the_gateway_a_configuration_that_starts_and_is_open_to_no_stranger() throws IOException {
        JsonNode service = DeployFiles.yaml("compose.yaml").at("/services/keyway");
        Map<String, String> variables = new HashMap<>();
        service.path("environment").properties().forEach(variable -> {
            String value = variable.getValue().isNull()
                    ? sample(variable.getKey())
                    : REQUIRED.matcher(variable.getValue().asText()).replaceAll(named -> sample(named.group(1)));
            variables.put(variable.getKey(), value);
        });

        GatewayConfig config = configured(variables, "compose/keyway.yml");

        assertClosed(config, variables.keySet());
        assertThat(seconds(service.path("stop_grace_period").asText()))
                .describedAs("stop_grace_period")
                .isGreaterThan(stopping(config));
        assertThat(DeployFiles.words(service.path("volumes"))).contains("./compose/keyway.yml:" + IMAGE_CONFIG + ":ro");
    }

    @Test
    void compose_takes_every_secret_from_the_variables_that_its_example_names() throws IOException {
        String compose = DeployFiles.text("compose.yaml");
        Set<String> required =
                REQUIRED.matcher(compose).results().map(match -> match.group(1)).collect(Collectors.toSet());

        assertThat(compose.replaceAll(REQUIRED.pattern(), ""))
                .describedAs("no variable has a default value")
                .doesNotContain("${");
        assertThat(DeployFiles.variables("compose/env.example"))
                .containsOnlyKeys(required)
                .allSatisfy((name, value) -> assertThat(value).isEmpty());
        assertThat(required).contains("ADMIN_SECRET", "KEYWAY_SERVER_ACCESS_KEY", "KEYWAY_METRICS_ACCESS_KEY");
    }

    @Test
    void services_of_compose_are_bounded_without_rights_and_published_on_this_machine_only() throws IOException {
        JsonNode services = DeployFiles.yaml("compose.yaml").path("services");

        assertThat(services).hasSize(4).allSatisfy(service -> {
            assertThat(service.path("mem_limit").asText()).isNotEmpty();
            assertThat(service.at("/logging/options/max-size").asText()).isNotEmpty();
            assertThat(DeployFiles.words(service.path("cap_drop"))).containsExactly("ALL");
            assertThat(DeployFiles.words(service.path("security_opt"))).containsExactly("no-new-privileges:true");
            assertThat(DeployFiles.words(service.path("ports")))
                    .allSatisfy(port -> assertThat(port).startsWith("127.0.0.1:"));
        });
        assertThat(services.at("/keyway/read_only").asBoolean()).isTrue();
        assertThat(services.at("/keyway/ports").isMissingNode())
                .describedAs("clients come through nginx")
                .isTrue();
    }

    @Test
    void files_that_compose_mounts_are_there() throws IOException {
        List<String> mounted = Stream.of("compose.yaml", "compose.tls.yaml")
                .flatMap(file -> mounts(file).stream())
                .filter(mount -> mount.startsWith("./") && !mount.startsWith("./compose/tls:"))
                .map(mount -> mount.split(":", 2)[0])
                .toList();

        assertThat(mounted)
                .contains("./compose/nginx.conf", "./prometheus/alerts.yml", "./grafana/dashboards")
                .allSatisfy(file -> assertThat(DeployFiles.FOLDER.resolve(file)).exists());
    }

    private static List<String> mounts(String file) {
        try {
            return DeployFiles.yaml(file).path("services").findValues("volumes").stream()
                    .flatMap(volumes -> DeployFiles.words(volumes).stream())
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void nginx_of_compose_tells_who_asked_holds_nothing_back_and_hides_the_metrics() throws IOException {
        String locations = DeployFiles.text("compose/locations.conf");

        assertThat(locations)
                .contains(
                        "set $keyway http://keyway:" + port() + ";",
                        "proxy_set_header X-Forwarded-For $remote_addr;",
                        "proxy_buffering off;",
                        "proxy_request_buffering off;",
                        "proxy_next_upstream off;",
                        "location ~* \"^/+metrics(/|;|$)\" {\n    return 404;");
        assertThat(DeployFiles.text("compose/nginx.conf")).contains("gzip off;", "merge_slashes off;");
        assertThat(DeployFiles.text("compose/tls.conf"))
                .contains("location ~* \"^/+admin(/|;|$)\" {\n        return 404;");
        assertThat(DeployFiles.yaml("compose/keyway.yml").at("/server/trusted_proxies/0"))
                .isEqualTo(DeployFiles.yaml("compose.yaml").at("/services/nginx/networks/front/ipv4_address"));
        assertThat(DeployFiles.all("compose", "nginx.conf", "tls.conf"))
                .allSatisfy(file -> assertThat(file).content().contains("include /etc/nginx/keyway/locations.conf;"));
    }

    @Test
    void the_cluster_gives_the_gateway_a_configuration_that_starts_and_is_open_to_no_stranger() throws IOException {
        Map<String, String> variables = new HashMap<>();
        for (JsonNode variable : container().path("env")) {
            String name = variable.path("name").asText();
            JsonNode secret = variable.at("/valueFrom/secretKeyRef");
            variables.put(name, secret.isMissingNode() ? variable.path("value").asText() : sample(name));
            if (!secret.isMissingNode()) {
                assertThat(DeployFiles.variables("kubernetes/secret.env.example"))
                        .containsEntry(secret.path("key").asText(), "");
                assertThat(secret.path("name").asText())
                        .isEqualTo(generated("secretGenerator").path("name").asText());
            }
        }

        GatewayConfig config = configured(variables, "kubernetes/keyway.yml");

        assertClosed(config, variables.keySet());
        long preStop = container().at("/lifecycle/preStop/exec/command/1").asLong();
        assertThat(preStop).isPositive();
        assertThat(pod().path("terminationGracePeriodSeconds").asLong()).isGreaterThan(preStop + stopping(config));
    }

    @Test
    void the_pod_keeps_the_restricted_standard_and_one_process_per_home() throws IOException {
        JsonNode container = container();

        assertThat(pod().at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod().at("/securityContext/runAsUser").asText() + ":"
                        + pod().at("/securityContext/runAsGroup").asText())
                .isEqualTo(DeployFiles.instructions("USER").get(0));
        assertThat(pod().at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
        assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean())
                .isTrue();
        assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true))
                .isFalse();
        assertThat(DeployFiles.words(container.at("/securityContext/capabilities/drop")))
                .containsExactly("ALL");
        assertThat(container.at("/resources/limits/memory").asText()).isNotEmpty();
        assertThat(deployment().at("/spec/strategy/type").asText()).isEqualTo("Recreate");
        assertThat(deployment().at("/spec/replicas").asInt()).isEqualTo(1);
    }

    @Test
    void what_the_pod_mounts_and_what_points_at_it_is_there() throws IOException {
        Map<String, JsonNode> volumes = new HashMap<>();
        pod().path("volumes").forEach(volume -> volumes.put(volume.path("name").asText(), volume));
        Map<String, String> mounts = new HashMap<>();
        container()
                .path("volumeMounts")
                .forEach(mount -> mounts.put(
                        mount.path("mountPath").asText(), mount.path("name").asText()));
        String home = DeployFiles.imageEnvironment().getOrDefault("KEYWAY_HOME", "");
        JsonNode labels = deployment().at("/spec/template/metadata/labels");

        assertThat(volumes).containsKeys(mounts.values().toArray(String[]::new));
        assertThat(mounts)
                .containsKeys(home, "/tmp", Path.of(IMAGE_CONFIG).getParent().toString());
        assertThat(volumes.get("home").at("/persistentVolumeClaim/claimName"))
                .isEqualTo(DeployFiles.yaml("kubernetes/home.yaml").at("/metadata/name"));
        assertThat(volumes.get("config").at("/configMap/name"))
                .isEqualTo(generated("configMapGenerator").path("name"));
        assertThat(DeployFiles.words(generated("configMapGenerator").path("files")))
                .containsExactly(Path.of(IMAGE_CONFIG).getFileName().toString());
        assertThat(container().at("/ports/0/containerPort").asText()).isEqualTo(port());
        assertThat(Stream.of(
                        deployment().at("/spec/selector/matchLabels"),
                        DeployFiles.yaml("kubernetes/service.yaml").at("/spec/selector"),
                        DeployFiles.yaml("kubernetes/disruption-budget.yaml").at("/spec/selector/matchLabels"),
                        DeployFiles.yaml("kubernetes/network-policy.yaml").at("/spec/podSelector/matchLabels")))
                .allSatisfy(selector -> assertThat(selector).isNotEmpty().isEqualTo(labels));
        assertThat(DeployFiles.words(
                        DeployFiles.yaml("kubernetes/kustomization.yaml").path("resources")))
                .containsExactlyInAnyOrder(
                        "namespace.yaml",
                        "deployment.yaml",
                        "service.yaml",
                        "home.yaml",
                        "disruption-budget.yaml",
                        "network-policy.yaml")
                .allSatisfy(file -> assertThat(
                                DeployFiles.FOLDER.resolve("kubernetes").resolve(file))
                        .exists());
    }

    @Test
    void every_path_that_is_asked_from_outside_is_an_endpoint() throws IOException {
        Set<String> asked = container().findValues("httpGet").stream()
                .map(probe -> probe.path("path").asText())
                .collect(Collectors.toSet());
        asked.add(DeployFiles.yaml("prometheus/prometheus.yml")
                .at("/scrape_configs/0/metrics_path")
                .asText());
        asked.add(DeployFiles.instructions("HEALTHCHECK").get(0).replaceFirst("(?s).*GET (\\S+) HTTP.*", "$1"));

        try (AGateway gateway = AGateway.in(home)) {
            List<String> served = gateway.endpoints().rows().stream()
                    .flatMap(row -> row.patterns().stream())
                    .toList();
            assertThat(served).containsAll(asked);
        }
        assertThat(asked).contains("/health/live", "/health/ready", "/metrics/raw");
        assertThat(DeployFiles.words(
                        DeployFiles.yaml("prometheus/prometheus.yml").at("/scrape_configs/0/static_configs/0/targets")))
                .containsExactly("keyway:" + port());
    }

    @Test
    void every_setting_that_is_named_is_one() throws IOException {
        List<String> settings = configured(Map.of(), "compose/keyway.yml").settings().stream()
                .map(SettingValue::path)
                .toList();

        for (Path file : DeployFiles.all("", ".yaml", ".yml", ".json", ".conf", ".md", "Dockerfile", ".example")) {
            List<String> named = SETTING.matcher(Files.readString(file))
                    .results()
                    .map(match -> match.group())
                    .filter(name -> !FILES.contains(name))
                    .toList();
            assertThat(settings).describedAs(file.toString()).containsAll(named);
        }
    }

    private GatewayConfig configured(Map<String, String> variables, String file) throws IOException {
        Map<String, String> environment = new HashMap<>(DeployFiles.imageEnvironment());
        environment.putAll(variables);
        environment.put("KEYWAY_HOME", home.toString());
        environment.put(
                "KEYWAY_CONFIG",
                DeployFiles.FOLDER.resolve(file).toAbsolutePath().toString());
        ConfigResult result = new ConfigLoader(ConfigInputs.standalone(Map.of(), environment, Map.of(), home)).load();
        assertThat(result).isInstanceOf(ConfigResult.Loaded.class);
        return ((ConfigResult.Loaded) result).config();
    }

    private static void assertClosed(GatewayConfig config, Set<String> variables) {
        assertThat(config.settings().stream().map(SettingValue::source))
                .describedAs("each variable is read")
                .containsAll(variables.stream()
                        .filter(name -> !name.equals("KEYWAY_CONFIG"))
                        .toList());
        assertThat(config.settings())
                .filteredOn(setting -> Set.of("admin.secret", "server.access_key", "metrics.access_key")
                        .contains(setting.path()))
                .hasSize(3)
                .noneSatisfy(setting -> assertThat(setting.source()).isEqualTo("default"));
        assertThat(config.server().host()).isEqualTo("0.0.0.0");
    }

    /** A value that is right for a variable. */
    private static String sample(String variable) {
        return variable.startsWith("OPENROUTER") ? RunningKeyway.POOL_KEY : variable + "-0123456789abcdef";
    }

    /** Seconds from a signal to the end, at the longest. */
    private static long stopping(GatewayConfig config) {
        return config.server().drainDelay().plus(config.server().drainTimeout()).toSeconds();
    }

    private static long seconds(String duration) {
        return Duration.parse("PT" + duration).toSeconds();
    }

    private static String port() throws IOException {
        return DeployFiles.imageEnvironment().getOrDefault("PORT", "");
    }

    private static JsonNode generated(String generator) throws IOException {
        return DeployFiles.yaml("kubernetes/kustomization.yaml").path(generator).path(0);
    }

    private static JsonNode deployment() throws IOException {
        return DeployFiles.yaml("kubernetes/deployment.yaml");
    }

    private static JsonNode pod() throws IOException {
        return deployment().at("/spec/template/spec");
    }

    private static JsonNode container() throws IOException {
        return pod().at("/containers/0");
    }
}
