package dev.keyway.testing.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Tomcat 10.1 or 11 with the configuration it ships and the files of {@code etc/tomcat}. */
final class TomcatDistribution implements Distribution {
    private final int major;
    private final Path home;

    TomcatDistribution(int major) {
        this.major = major;
        this.home = Distribution.unpacked("apache-tomcat-" + Distribution.property("tomcat" + major + ".version"));
    }

    @Override
    public void prepare(Path base) throws IOException {
        for (String folder : List.of("bin", "conf", "logs", "temp", "webapps", "work")) {
            Files.createDirectories(base.resolve(folder));
        }
        try (Stream<Path> files = Files.list(home.resolve("conf"))) {
            for (Path file : files.toList()) {
                Files.copy(file, base.resolve("conf").resolve(file.getFileName()));
            }
        }
        Files.copy(
                Distribution.documented("tomcat", "server.xml"),
                base.resolve("conf").resolve("server.xml"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.copy(
                Distribution.documented("tomcat", "setenv.sh"),
                base.resolve("bin").resolve("setenv.sh"));
    }

    @Override
    public void deploy(Path base, String name) throws IOException {
        Distribution.copyWar(base, name);
        Path context = contextFile(base, name);
        Files.createDirectories(context.getParent());
        Files.copy(Distribution.documented("tomcat", "keyway.xml"), context);
    }

    private static Path contextFile(Path base, String name) {
        return base.resolve("conf").resolve("Catalina").resolve("localhost").resolve(name + ".xml");
    }

    @Override
    public List<String> command(Path base, int port) {
        return List.of(home.resolve("bin").resolve("catalina.sh").toString(), "run");
    }

    @Override
    public Map<String, String> environment(Path base, int port) {
        return Map.of(
                "CATALINA_HOME", home.toString(),
                "CATALINA_BASE", base.toString(),
                "CATALINA_OPTS", "-Xmx256m -Dkeyway.http.port=" + port);
    }

    @Override
    public Pattern selfDescription() {
        return Pattern.compile("Server version name:\\s+(Apache Tomcat/[0-9.]+)");
    }

    @Override
    public String toString() {
        return "Tomcat " + major;
    }
}
