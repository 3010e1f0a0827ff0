package dev.keyway.testing.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A servlet container as unpacked from its maker's archive; never written to. */
public interface Distribution {
    /** Every container Keyway is tested in. */
    static List<Distribution> all() {
        return List.of(new JettyDistribution(), new TomcatDistribution(10), new TomcatDistribution(11));
    }

    /**
     * Lays out an empty instance: own folders, the settings of {@code etc/}, a {@code webapps} folder.
     *
     * @param base an empty folder
     */
    void prepare(Path base) throws IOException, InterruptedException;

    /**
     * Puts the built WAR and its context file of {@code etc/} where this container looks for them.
     *
     * @param name of the context, such as {@code keyway} or {@code ROOT}
     */
    void deploy(Path base, String name) throws IOException;

    /** The command that runs the instance in the foreground on 127.0.0.1. */
    List<String> command(Path base, int port);

    /** What the container's own scripts want to know from the environment. */
    Map<String, String> environment(Path base, int port);

    /** Finds, in the container's log, the line in which it names itself; group 1 is name and version. */
    Pattern selfDescription();

    /** Where the maker's archives lie unpacked. */
    static Path unpacked(String folder) {
        return Path.of(property("keyway.containers"), folder);
    }

    /** A folder or value that the build hands to integration tests. */
    static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException("-D" + name + " is missing; run integration tests by mvn verify");
        }
        return value;
    }

    /** A file of {@code etc/}. */
    static Path documented(String container, String file) {
        return Path.of(property("keyway.etc"), container, file);
    }

    /** The WAR as {@code webapps/<name>.war}. */
    static void copyWar(Path base, String name) throws IOException {
        Path webapps = Files.createDirectories(base.resolve("webapps"));
        Files.copy(Path.of(property("keyway.war")), webapps.resolve(name + ".war"));
    }

    /** The Java that runs this test runs the container too. */
    static Path javaHome() {
        return Path.of(property("java.home"));
    }
}
