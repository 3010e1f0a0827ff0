package dev.keyway.testing.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Javas of this machine that can run Keyway. */
public final class InstalledJava {
    private static final Path DEBIAN = Path.of("/usr/lib/jvm");
    private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"([0-9]+)");
    private static final int OLDEST = 17;

    private InstalledJava() {}

    /** The home of the Java that runs this test and of every other version from 17 on that Debian knows of. */
    public static List<Path> homes() throws IOException {
        List<Path> homes = new ArrayList<>(List.of(Distribution.javaHome()));
        Set<Integer> versions = new HashSet<>(Set.of(Runtime.version().feature()));
        try (Stream<Path> installed = Files.exists(DEBIAN) ? Files.list(DEBIAN) : Stream.empty()) {
            for (Path candidate : installed.sorted().toList()) {
                int version = version(candidate);
                if (version >= OLDEST && Files.isExecutable(candidate.resolve("bin/java")) && versions.add(version)) {
                    homes.add(candidate);
                }
            }
        }
        return homes;
    }

    /** The feature release of a Java home; 0 when it does not say. */
    public static int version(Path javaHome) throws IOException {
        Path release = javaHome.resolve("release");
        Matcher matcher = VERSION.matcher(Files.isReadable(release) ? Files.readString(release) : "");
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }
}
