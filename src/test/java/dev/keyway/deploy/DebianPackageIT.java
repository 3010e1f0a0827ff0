package dev.keyway.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.keyway.testing.Proof;
import dev.keyway.testing.container.ChildProcess;
import dev.keyway.testing.container.Distribution;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Debian package: what is in it, its command line unpacked, and its life in a Debian of its own. */
class DebianPackageIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** As {@code dpkg-deb -c} prints an entry: mode, owner, size, time, name. */
    private static final Pattern ENTRY = Pattern.compile("([-d]\\S{9}) (\\S+) +\\d+ \\S+ \\S+ \\.(/\\S*)");

    private static final Pattern ADDRESS = Pattern.compile("listening: address=(http://\\S+)");
    private static final String JARS = "/usr/share/keyway/lib/";

    @TempDir
    Path folder;

    @BeforeAll
    static void needs_dpkg() {
        assumeThat(Stream.of(System.getenv("PATH").split(":", -1)))
                .describedAs("no dpkg-deb on this machine")
                .anyMatch(place -> Files.isExecutable(Path.of(place, "dpkg-deb")));
    }

    @Test
    void every_file_has_its_place_owner_and_mode() throws Exception {
        List<Matcher> entries = run("dpkg-deb", "-c", deb())
                .lines()
                .map(ENTRY::matcher)
                .filter(Matcher::matches)
                .toList();

        assertThat(entries).isNotEmpty().allSatisfy(entry -> {
            assertThat(entry.group(2)).isEqualTo("root/root");
            if (entry.group(1).startsWith("d")) {
                assertThat(entry.group(1)).isEqualTo("drwxr-xr-x");
            }
        });
        assertThat(entries.stream()
                        .filter(entry -> entry.group(1).startsWith("-"))
                        .filter(entry -> !entry.group(3).startsWith(JARS))
                        .map(entry -> entry.group(1) + " " + entry.group(3)))
                .containsExactlyInAnyOrder(
                        "-rwxr-xr-x /usr/bin/keyway",
                        "-rwxr-xr-x /usr/share/keyway/make-class-archive",
                        "-rw-r--r-- /usr/lib/systemd/system/keyway.service",
                        "-rw-r----- /etc/keyway/keyway.yml",
                        "-rw-r--r-- /usr/share/man/man1/keyway.1.gz",
                        "-rw-r--r-- /usr/share/lintian/overrides/keyway",
                        "-rw-r--r-- /usr/share/doc/keyway/copyright",
                        "-rw-r--r-- /usr/share/doc/keyway/changelog.gz",
                        "-rw-r--r-- /usr/share/doc/keyway/CHANGELOG.md",
                        "-rw-r--r-- /usr/share/doc/keyway/README.md",
                        "-rw-r--r-- /usr/share/doc/keyway/service.md",
                        "-rw-r--r-- /usr/share/doc/keyway/keyway.example.yml",
                        "-rw-r--r-- /usr/share/doc/keyway/THIRD-PARTY.txt");
        assertThat(entries.stream().map(entry -> entry.group(3)).filter(name -> name.matches(JARS + ".+")))
                .describedAs("exactly the jars that java -jar keyway.war runs from")
                .containsExactlyInAnyOrderElementsOf(jarsOfTheWar());
    }

    private static List<String> jarsOfTheWar() throws IOException {
        try (ZipFile war = new ZipFile(Distribution.property("keyway.war"))) {
            return war.stream()
                    .map(entry -> Path.of(entry.getName()))
                    .filter(name -> name.toString().matches("WEB-INF/lib(-standalone)?/.+\\.jar"))
                    .map(name -> JARS + name.getFileName())
                    .toList();
        }
    }

    @Test
    void it_says_what_it_is_what_it_needs_and_which_file_is_the_owners() throws Exception {
        String control = run("dpkg-deb", "-f", deb(), "Package", "Architecture", "Depends");
        String version = run("dpkg-deb", "-f", deb(), "Version");

        assertThat(control.lines())
                .containsExactlyInAnyOrder(
                        "Package: keyway",
                        "Architecture: all",
                        "Depends: default-jre-headless (>= 2:1.17) | java17-runtime-headless, adduser");
        assertThat(version)
                .describedAs("a snapshot is older than the release")
                .doesNotContain("-")
                .matches("\\d+\\.\\d+\\.\\d+(~snapshot)?");
        assertThat(run("dpkg-deb", "-I", deb(), "conffiles")).isEqualTo("/etc/keyway/keyway.yml");
    }

    @Test
    void its_command_serves_and_hands_signals_on() throws Exception {
        run("dpkg-deb", "-x", deb(), folder.toString());
        Map<String, String> environment = new HashMap<>();
        environment.put("JAVA_HOME", Distribution.javaHome().toString());
        environment.put("JAVA_OPTS", "-Xmx128m -Dof.java=opts");
        environment.put("KEYWAY_HOME", folder.resolve("home").toString());
        environment.put("KEYWAY_CONFIG", folder.resolve("etc/keyway/keyway.yml").toString());
        List<String> command = List.of(folder.resolve("usr/bin/keyway").toString(), "--port", "0");

        try (ChildProcess keyway = ChildProcess.start(command, folder, environment)) {
            keyway.await(
                    "served", PATIENCE, child -> ADDRESS.matcher(child.output()).find());
            Matcher address = ADDRESS.matcher(keyway.output());
            assertThat(address.find()).isTrue();

            assertThat(HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(URI.create(address.group(1) + "/health"))
                                            .build(),
                                    BodyHandlers.ofString())
                            .body())
                    .contains("\"status\":\"ok\"");
            assertThat(Files.readString(Path.of("/proc/" + keyway.pid() + "/cmdline"))
                            .split("\0", -1))
                    .describedAs("Java itself, in place of the shell")
                    .startsWith(
                            Distribution.javaHome() + "/bin/java",
                            "-XX:MaxRAMPercentage=50",
                            "-XX:+ExitOnOutOfMemoryError",
                            "-Xmx128m",
                            "-Dof.java=opts",
                            "-cp")
                    .contains("dev.keyway.cli.KeywayCommand");

            keyway.terminate();
            assertThat(keyway.awaitExit(PATIENCE)).isZero();
        }
        assertThat(folder.resolve("home/logs")).isNotEmptyDirectory();
    }

    /**
     * Installed, configured, upgraded under a stream, rolled back, removed and purged under a systemd that runs its unit; as
     * {@code etc/prove.sh deb} in a new Debian with nothing but what the package depends on.
     */
    @Test
    @Timeout(800)
    void it_lives_through_its_life_in_a_debian_of_its_own() throws Exception {
        Proof proof = Proof.named("deb");
        List<String> command = proof.isLong()
                ? List.of("bash", "deploy/debian/test-package.sh", "--fresh", deb())
                : List.of("bash", "deploy/debian/test-package.sh", deb());

        try (ChildProcess script = ChildProcess.start(command, Path.of("").toAbsolutePath(), Map.of())) {
            int exit = script.awaitExit(Duration.ofMinutes(13));

            assumeThat(exit).describedAs(script.output()).isNotEqualTo(77);
            assertThat(exit).describedAs(script.output()).isZero();
            List<String> lines = script.output().lines().toList();
            proof.report("%s", lines.get(lines.size() - 1).replaceFirst("\\[package +(\\d+ s)] (.*)", "$2, $1"));
        }
    }

    private static String deb() {
        return Distribution.property("keyway.deb");
    }

    private String run(String... command) throws Exception {
        try (ChildProcess process = ChildProcess.start(List.of(command), folder, Map.of())) {
            assertThat(process.awaitExit(PATIENCE))
                    .describedAs(process.output())
                    .isZero();
            return process.output();
        }
    }
}
