package dev.keyway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.Post;
import dev.keyway.testing.RunningKeyway;
import dev.keyway.testing.container.ChildProcess;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
    void what_the_image_holds_starts_from_an_archive_of_its_classes() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin");
        Map<String, String> environment = new HashMap<>(DeployFiles.imageEnvironment());
        environment.put("PATH", java + ":" + System.getenv("PATH"));
        environment.put("KEYWAY_HOME", folder.resolve("home").toString());
        environment.put("PORT", "0");
        environment.put("OPENROUTER_API_KEY", RunningKeyway.POOL_KEY);
        environment.put("KEYWAY_KEYS_PROBE_INTERVAL", "0");
        environment.merge("JAVA_OPTS", " -Xlog:class+load:file=loaded.txt", String::concat);
        Path usr = layout(environment);

        assertThat(usr.resolve("share/keyway"))
                .isDirectoryContaining("glob:**/THIRD-PARTY.txt")
                .isDirectoryContaining("glob:**/LICENSE");
        try (ChildProcess keyway =
                ChildProcess.start(List.of(usr.resolve("bin/keyway").toString()), folder, environment)) {
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
        assertThat(folder.resolve("loaded.txt"))
                .content()
                .contains("dev.keyway.cli.KeywayCommand source: shared objects file (top)");
    }

    /** {@code /usr} of the image as far as it is Keyway's. */
    private Path layout(Map<String, String> environment) throws Exception {
        Path usr = folder.resolve("usr");
        Path share = Files.createDirectories(usr.resolve("share/keyway"));
        run(
                instruction("jar xf ").replace("/build/target/keyway.war", System.getProperty("keyway.war")),
                share,
                environment);
        for (String copied : DeployFiles.instructions("COPY")) {
            if (copied.startsWith("deploy/")) {
                String[] words = copied.split(" ", -1);
                Path place = Path.of(words[1].replaceFirst("^/usr", usr.toString()));
                Path file = Path.of(words[0]);
                Files.createDirectories(place);
                Files.copy(file, place.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        run(instruction("make-class-archive").replace("/usr/", usr + "/"), folder, environment);
        return usr;
    }

    private static void run(String command, Path where, Map<String, String> environment) throws Exception {
        try (ChildProcess process = ChildProcess.start(List.of("bash", "-c", command), where, environment)) {
            assertThat(process.awaitExit(PATIENCE))
                    .describedAs(process.output())
                    .isZero();
        }
    }

    private static String instruction(String part) throws Exception {
        return DeployFiles.instructions("RUN").stream()
                .filter(run -> run.contains(part))
                .findFirst()
                .orElseThrow();
    }
}
