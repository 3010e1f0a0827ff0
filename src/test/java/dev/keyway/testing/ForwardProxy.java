package dev.keyway.testing;

import dev.keyway.testing.container.ChildProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A real microsocks or tinyproxy on the loopback address, which knows the name {@value #NAME} as 127.0.0.1, as nobody else
 * does.
 */
public final class ForwardProxy implements AutoCloseable {
    /** Exists for the proxy alone: what is reached by it was looked up there. */
    public static final String NAME = "upstream.invalid";

    public static final String USER = "alice";
    private static final Duration START = Duration.ofSeconds(20);

    private final Kind kind;
    private final ChildProcess process;
    private final int port;

    private ForwardProxy(Kind kind, ChildProcess process, int port) {
        this.kind = kind;
        this.process = process;
        this.port = port;
    }

    public enum Kind {
        SOCKS5,
        HTTP;

        /** The URL of one there; {@code login} is {@code user:password} or empty. */
        public String url(String login, int port) {
            return (this == SOCKS5 ? "socks5" : "http") + "://" + (login.isEmpty() ? "" : login + "@") + "127.0.0.1:"
                    + port;
        }
    }

    /** Starts one; with a password it serves {@link #USER} alone. */
    public static ForwardProxy start(Kind kind, Path folder, String password) throws IOException, InterruptedException {
        Path own = Files.createTempDirectory(folder, "proxy");
        int port = Ports.free();
        Map<String, String> environment = new HashMap<>();
        environment.put("LD_PRELOAD", nameService().toString());
        environment.put(
                "NSS_WRAPPER_HOSTS",
                Files.writeString(own.resolve("hosts"), "127.0.0.1 " + NAME + "\n")
                        .toString());
        List<String> command = new ArrayList<>();
        if (kind == Kind.SOCKS5) {
            command.addAll(List.of("microsocks", "-i", "127.0.0.1", "-p", Integer.toString(port)));
            if (!password.isEmpty()) {
                command.addAll(List.of("-u", USER, "-P", password));
            }
        } else {
            String settings = "Port " + port + "\nListen 127.0.0.1\nTimeout 600\nMaxClients 100\nLogLevel Info\n"
                    + (password.isEmpty() ? "" : "BasicAuth " + USER + " " + password + "\n");
            Path file = Files.writeString(own.resolve("tinyproxy.conf"), settings);
            command.addAll(List.of("tinyproxy", "-d", "-c", file.toString()));
        }
        ForwardProxy proxy = new ForwardProxy(kind, ChildProcess.start(command, own, environment), port);
        try {
            proxy.process.await("listened", START, child -> Ports.isOpen(port));
        } catch (AssertionError | InterruptedException e) {
            proxy.close();
            throw e;
        }
        return proxy;
    }

    /** Lets a program look names up in a file of its own. */
    private static Path nameService() throws IOException {
        try (Stream<Path> libraries =
                Files.find(Path.of("/usr/lib"), 2, (path, any) -> path.endsWith("libnss_wrapper.so"))) {
            return libraries
                    .findFirst()
                    .orElseThrow(() ->
                            new IOException("libnss_wrapper.so is not there; Debian's package is libnss-wrapper"));
        }
    }

    public int port() {
        return port;
    }

    /** Its URL; {@code login} is {@code user:password} or empty. */
    public String url(String login) {
        return kind.url(login, port);
    }

    /** Where an upstream on this machine is for the proxy alone. */
    public static URI knownToIt(URI upstream) {
        return URI.create(upstream.toString().replace("127.0.0.1", NAME));
    }

    @Override
    public void close() {
        process.close();
    }
}
