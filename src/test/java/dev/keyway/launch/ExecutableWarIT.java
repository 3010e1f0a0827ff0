package dev.keyway.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.container.ChildProcess;
import dev.keyway.testing.container.Distribution;
import dev.keyway.testing.container.InstalledJava;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The file that containers take, run by {@code java -jar}. */
class ExecutableWarIT {
    private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:[1-9][0-9]*");
    private static final Path WAR = Path.of(Distribution.property("keyway.war"));
    private static final Duration START = Duration.ofSeconds(60);

    @TempDir
    Path home;

    static List<Path> javaHomes() throws IOException {
        return InstalledJava.homes();
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void it_prints_its_address_serves_and_ends_with_0_on_sigterm(Path javaHome) throws Exception {
        try (ChildProcess keyway = run(javaHome, "--port", "0")) {
            keyway.await(
                    "printed its address",
                    START,
                    k -> ADDRESS.matcher(k.output()).find());
            Matcher address = ADDRESS.matcher(keyway.output());
            assertThat(address.find()).isTrue();

            int status = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(address.group() + "/health"))
                                    .build(),
                            BodyHandlers.discarding())
                    .statusCode();
            keyway.terminate();

            assertThat(status).isEqualTo(200);
            assertThat(keyway.awaitExit(Duration.ofSeconds(40))).isZero();
            System.out.println("[java -jar] " + javaHome + ": served at " + address.group() + ", exit code 0");
        }
    }

    @Test
    void a_taken_port_is_one_line_and_exit_code_1() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ChildProcess keyway = run(Distribution.javaHome(), "--port", Integer.toString(taken.getLocalPort()))) {
            assertThat(keyway.awaitExit(START)).isEqualTo(1);

            assertThat(keyway.output())
                    .contains("port " + taken.getLocalPort() + " is in use; --port 0 takes a free one")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void every_bundled_jar_has_its_licence_named() throws IOException {
        try (ZipFile war = new ZipFile(WAR.toFile())) {
            List<String> lines = text(war, "META-INF/THIRD-PARTY.txt").lines().toList();
            List<String> jars = names(war)
                    .filter(name -> name.startsWith("WEB-INF/lib") && name.endsWith(".jar"))
                    .map(name -> name.substring(name.lastIndexOf('/') + 1))
                    .filter(jar -> !jar.startsWith("keyway-"))
                    .toList();

            assertThat(jars)
                    .hasSizeGreaterThan(10)
                    .allSatisfy(jar -> assertThat(lines)
                            .anySatisfy(line -> assertThat(line)
                                    .matches(Pattern.quote(jar) + " \\| [^|]+:[^|]+ \\| .*(Apache|EPL|MIT|BSD).*")));
            assertThat(lines.stream().filter(line -> line.contains(".jar |"))).hasSameSizeAs(jars);
        }
    }

    @Test
    void a_container_finds_no_server_among_the_libraries() throws IOException {
        try (ZipFile war = new ZipFile(WAR.toFile())) {
            assertThat(names(war).filter(name -> name.startsWith("WEB-INF/lib/")))
                    .noneMatch(name -> name.matches(".*/(jetty-server|jetty-ee10-servlet|jakarta\\.servlet-api)-.*"));
            assertThat(names(war).filter(name -> name.startsWith("WEB-INF/lib-standalone/")))
                    .anyMatch(name -> name.matches(".*/jetty-server-.*"))
                    .anyMatch(name -> name.matches(".*/jetty-ee10-servlet-.*"))
                    .anyMatch(name -> name.matches(".*/jakarta\\.servlet-api-.*"));
        }
    }

    /** Else Java 8 or 11 answers with an UnsupportedClassVersionError instead of a sentence. */
    @Test
    void the_main_class_is_byte_code_an_old_java_can_read() throws IOException {
        try (ZipFile war = new ZipFile(WAR.toFile());
                DataInputStream main =
                        new DataInputStream(war.getInputStream(new ZipEntry("dev/keyway/launch/Launcher.class")))) {
            assertThat(main.readInt()).isEqualTo(0xCAFEBABE);
            assertThat(main.readUnsignedShort()).isZero();
            assertThat(main.readUnsignedShort()).describedAs("52 is Java 8").isEqualTo(52);
        }
    }

    @Test
    void the_build_says_its_version_and_commit() throws IOException {
        try (ZipFile war = new ZipFile(WAR.toFile())) {
            String own = names(war)
                    .filter(name -> name.matches("WEB-INF/lib/keyway-.*\\.jar"))
                    .findFirst()
                    .orElseThrow();
            Path jar = home.resolve("own.jar");
            Files.copy(war.getInputStream(war.getEntry(own)), jar);
            try (ZipFile classes = new ZipFile(jar.toFile())) {
                assertThat(text(classes, "dev/keyway/version.properties").lines())
                        .anyMatch(line -> line.matches("version=[0-9].*"))
                        .anyMatch(line -> line.matches("commit=([0-9a-f]{12}|unknown)"))
                        .anyMatch(line -> line.matches("built=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z"));
            }
        }
    }

    private ChildProcess run(Path javaHome, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(javaHome.resolve("bin/java").toString(), "-Xmx256m", "-jar", WAR.toString()));
        command.addAll(List.of(arguments));
        return ChildProcess.start(
                command,
                home,
                Map.of("HOME", home.toString(), "KEYWAY_HOME", home.toString(), "XDG_CACHE_HOME", home.toString()));
    }

    private static Stream<String> names(ZipFile zip) {
        return zip.stream().map(ZipEntry::getName);
    }

    private static String text(ZipFile zip, String name) throws IOException {
        return new String(
                zip.getInputStream(zip.getEntry(name)).readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
}
