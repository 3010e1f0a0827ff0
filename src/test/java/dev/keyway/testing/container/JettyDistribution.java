package dev.keyway.testing.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Jetty 12 with its {@code http}, {@code ee10-deploy} and {@code graceful} modules and the files of {@code etc/jetty}. */
final class JettyDistribution implements Distribution {
    private final Path home = Distribution.unpacked("jetty-home-" + Distribution.property("jetty.version"));

    @Override
    public void prepare(Path base) throws IOException, InterruptedException {
        Files.createDirectories(base.resolve("tmp"));
        Process addModules = new ProcessBuilder(java(), "-jar", startJar(), "--add-modules=http,ee10-deploy,graceful")
                .directory(base.toFile())
                .redirectErrorStream(true)
                .redirectOutput(base.resolve("add-modules.out").toFile())
                .start();
        if (!addModules.waitFor(60, TimeUnit.SECONDS) || addModules.exitValue() != 0) {
            addModules.destroyForcibly();
            throw new IOException("start.jar --add-modules: " + Files.readString(base.resolve("add-modules.out")));
        }
        Files.copy(
                Distribution.documented("jetty", "keyway.ini"),
                base.resolve("start.d").resolve("keyway.ini"));
    }

    @Override
    public void deploy(Path base, String name) throws IOException {
        Distribution.copyWar(base, name);
        String context = Files.readString(Distribution.documented("jetty", "keyway.xml"));
        Files.writeString(contextFile(base, name), context.replace("/keyway.war", "/" + name + ".war"));
    }

    private static Path contextFile(Path base, String name) {
        return base.resolve("webapps").resolve(name + ".xml");
    }

    @Override
    public List<String> command(Path base, int port) {
        return List.of(java(), "-Xmx256m", "-jar", startJar(), "jetty.base=" + base, "jetty.http.port=" + port);
    }

    @Override
    public Map<String, String> environment(Path base, int port) {
        return Map.of();
    }

    @Override
    public Pattern selfDescription() {
        return Pattern.compile("(jetty-[0-9.]+);");
    }

    private String startJar() {
        return home.resolve("start.jar").toString();
    }

    private static String java() {
        return Distribution.javaHome().resolve("bin").resolve("java").toString();
    }

    @Override
    public String toString() {
        return "Jetty 12";
    }
}
