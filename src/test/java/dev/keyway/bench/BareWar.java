package dev.keyway.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A WAR with nothing in it but Jetty's own proxy servlet. */
final class BareWar {
    private static final List<String> NEEDED = List.of("jetty-", "slf4j-api-");

    private BareWar() {}

    /** The jars of the built WAR that the proxy servlet needs. */
    static Stream<Path> jars(Path target) throws IOException {
        try (Stream<Path> all =
                Files.list(target.resolve("keyway").resolve("WEB-INF").resolve("lib"))) {
            return all
                    .filter(jar -> NEEDED.stream()
                            .anyMatch(prefix -> jar.getFileName().toString().startsWith(prefix)))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    /** Writes it; the servlet hands everything to this port of the loopback address. */
    static void write(Path war, Path target, int upstreamPort) throws IOException {
        try (OutputStream file = Files.newOutputStream(war);
                ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.putNextEntry(new ZipEntry("WEB-INF/web.xml"));
            zip.write(descriptor(upstreamPort).getBytes(StandardCharsets.UTF_8));
            for (Path jar : jars(target).toList()) {
                zip.putNextEntry(new ZipEntry("WEB-INF/lib/" + jar.getFileName()));
                Files.copy(jar, zip);
            }
        }
    }

    private static String descriptor(int upstreamPort) {
        String settings = BareProxy.SETTINGS.entrySet().stream()
                        .sorted(java.util.Map.Entry.comparingByKey())
                        .map(setting -> parameter(setting.getKey(), setting.getValue()))
                        .collect(Collectors.joining())
                + parameter("proxyTo", "http://127.0.0.1:" + upstreamPort)
                + parameter("prefix", "/");
        return "<web-app xmlns=\"https://jakarta.ee/xml/ns/jakartaee\" version=\"6.0\" metadata-complete=\"true\">"
                + "<servlet><servlet-name>bare</servlet-name>"
                + "<servlet-class>org.eclipse.jetty.ee10.proxy.AsyncProxyServlet$Transparent</servlet-class>" + settings
                + "<async-supported>true</async-supported></servlet>"
                + "<servlet-mapping><servlet-name>bare</servlet-name><url-pattern>/*</url-pattern></servlet-mapping>"
                + "</web-app>";
    }

    private static String parameter(String name, String value) {
        return "<init-param><param-name>" + name + "</param-name><param-value>" + value + "</param-value></init-param>";
    }
}
