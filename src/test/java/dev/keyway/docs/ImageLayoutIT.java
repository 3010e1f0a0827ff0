package dev.keyway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.Post;
import dev.keyway.testing.RunningKeyway;
import dev.keyway.testing.container.ChildProcess;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Dockerfile's own commands, on the WAR that was built, give a gateway that starts and stops. */
class ImageLayoutIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern LISTENING = Pattern.compile("listening: address=http://0\\.0\\.0\\.0:(\\d+)");

    @TempDir
    private Path folder;

    @Test
    void the_jars_that_the_image_unpacks_start_by_its_start_script() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin");
        Map<String, String> environment = new HashMap<>(DeployFiles.imageEnvironment());
        environment.put("PATH", java + ":" + System.getenv("PATH"));
        environment.put("KEYWAY_HOME", folder.resolve("home").toString());
        environment.put("PORT", "0");
        environment.put("OPENROUTER_API_KEY", RunningKeyway.POOL_KEY);
        environment.put("KEYWAY_KEYS_PROBE_INTERVAL", "0");
        Path image = Files.createDirectory(folder.resolve("image"));

        try (ChildProcess layout = ChildProcess.start(List.of("sh", "-c", layout()), image, environment)) {
            assertThat(layout.awaitExit(PATIENCE)).describedAs(layout.output()).isZero();
        }
        assertThat(image).isDirectoryContaining("glob:**/THIRD-PARTY.txt").isDirectoryContaining("glob:**/LICENSE");
        try (ChildProcess keyway = ChildProcess.start(List.of("sh", "-c", start(image)), folder, environment)) {
            keyway.await(
                    "the address",
                    PATIENCE,
                    started -> LISTENING.matcher(started.output()).find());
            Matcher address = LISTENING.matcher(keyway.output());
            assertThat(address.find()).isTrue();
            URI live = URI.create("http://127.0.0.1:" + address.group(1) + "/health/live");
            assertThat(Post.get(live).statusCode()).isEqualTo(200);

            keyway.terminate();

            assertThat(keyway.awaitExit(PATIENCE)).describedAs(keyway.output()).isZero();
        }
    }

    private static String layout() throws Exception {
        String run = instruction("jar xf ");
        assertThat(run).contains("/build/target/keyway.war");
        return run.replace("/build/target/keyway.war", System.getProperty("keyway.war"));
    }

    /** The line that the image's start script consists of. */
    private static String start(Path image) throws Exception {
        Matcher line = Pattern.compile("'(exec java [^']*)'").matcher(instruction("exec java "));
        assertThat(line.find()).isTrue();
        return line.group(1).replace("/opt/keyway", image.toString());
    }

    private static String instruction(String part) throws Exception {
        return DeployFiles.instructions("RUN").stream()
                .filter(run -> run.contains(part))
                .findFirst()
                .orElseThrow();
    }
}
