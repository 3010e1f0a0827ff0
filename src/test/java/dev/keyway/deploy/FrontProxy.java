package dev.keyway.deploy;

import dev.keyway.testing.Ports;
import dev.keyway.testing.container.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real nginx or HAProxy in front of a port of this machine, with a file of {@code deploy/} or one of a user's own. */
final class FrontProxy implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(20);
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private final ChildProcess process;
    private final int port;
    private final int tlsPort;

    private FrontProxy(ChildProcess process, int port, int tlsPort) {
        this.process = process;
        this.port = port;
        this.tlsPort = tlsPort;
    }

    enum Kind {
        NGINX,
        HAPROXY
    }

    /**
     * The file of {@code deploy/} as it is, but for ports and paths; it also serves without TLS, for raw requests.
     *
     * @param ownNetwork whether 127.0.0.0/8 is entered as the network that may administer
     */
    static FrontProxy shipped(Kind kind, Path folder, ProxyCertificate certificate, int keyway, boolean ownNetwork)
            throws IOException, InterruptedException {
        int plain = Ports.free();
        int tls = Ports.free();
        Edits file = new Edits(
                Files.readString(Path.of("deploy", kind == Kind.NGINX ? "nginx/keyway.conf" : "haproxy/haproxy.cfg")));
        file.replace("127.0.0.1:3000", "127.0.0.1:" + keyway);
        if (kind == Kind.NGINX) {
            file.replace("    listen 80;\n    listen [::]:80;\n", "    listen 127.0.0.1:" + Ports.free() + ";\n");
            file.replace(
                    "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n",
                    "    listen 127.0.0.1:" + tls + " ssl http2;\n    listen 127.0.0.1:" + plain + ";\n");
            file.replace("/etc/ssl/keyway/fullchain.pem", certificate.chain().toString());
            file.replace("/etc/ssl/keyway/privkey.pem", certificate.key().toString());
            if (ownNetwork) {
                file.replace("# allow 10.0.0.0/8;", "allow 127.0.0.0/8;");
            }
        } else {
            file.replace("    log /dev/log local0\n    user haproxy\n    group haproxy\n    maxconn 8000\n", "");
            file.replace("bind :80,:::80 v6only", "bind 127.0.0.1:" + Ports.free());
            file.replace(
                    "bind :443,:::443 v6only ssl", "bind 127.0.0.1:" + plain + "\n    bind 127.0.0.1:" + tls + " ssl");
            file.replace("/etc/ssl/keyway/gateway.pem", certificate.both().toString());
            if (ownNetwork) {
                file.replace("if own_page # !{ src 10.0.0.0/8 }", "if own_page !{ src 127.0.0.0/8 }");
            }
        }
        return start(kind, folder, file.text(), plain, tls);
    }

    /**
     * What somebody writes who only wants it to work: nothing but where to listen and where to go.
     *
     * @param oldHttp whether it asks in HTTP/1.0, as nginx does before 1.29.7 unless it is told otherwise
     */
    static FrontProxy bare(Kind kind, Path folder, int keyway, boolean oldHttp)
            throws IOException, InterruptedException {
        int port = Ports.free();
        String text = kind == Kind.NGINX
                ? "server { listen 127.0.0.1:" + port + "; location / { "
                        + (oldHttp ? "" : "proxy_http_version 1.1; proxy_set_header Connection \"\"; ")
                        + "proxy_pass http://127.0.0.1:" + keyway + "; } }\n"
                : "defaults\n    mode http\n    timeout connect 5s\n    timeout client 30s\n    timeout server 30s\n"
                        + "listen all\n    bind 127.0.0.1:" + port + "\n    server one 127.0.0.1:" + keyway + "\n";
        return start(kind, folder, text, port, 0);
    }

    private static FrontProxy start(Kind kind, Path folder, String text, int port, int tlsPort)
            throws IOException, InterruptedException {
        Path own = Files.createTempDirectory(folder, "proxy");
        Path file = Files.writeString(own.resolve("proxy.conf"), text);
        List<String> command = new ArrayList<>();
        if (kind == Kind.NGINX) {
            Path main = Files.writeString(own.resolve("nginx.conf"), nginx(own, file));
            command.addAll(List.of("nginx", "-e", "stderr", "-p", own.toString(), "-c", main.toString()));
        } else {
            command.addAll(List.of("haproxy", "-db", "-f", file.toString()));
        }
        ChildProcess process = ChildProcess.start(command, own, Map.of("PATH", System.getenv("PATH") + ":/usr/sbin"));
        FrontProxy proxy = new FrontProxy(process, port, tlsPort);
        try {
            process.await("listened", START, child -> Ports.isOpen(port));
        } catch (AssertionError | InterruptedException e) {
            proxy.close();
            throw e;
        }
        return proxy;
    }

    private static String nginx(Path folder, Path site) {
        StringBuilder text = new StringBuilder(ROOT ? "user root;\n" : "");
        text.append("daemon off;\nworker_processes 1;\npid nginx.pid;\nevents { worker_connections 512; }\n");
        text.append("http {\n    access_log off;\n");
        for (String temporary : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
            text.append("    ")
                    .append(temporary)
                    .append("_temp_path ")
                    .append(folder.resolve(temporary))
                    .append(";\n");
        }
        return text.append("    include ").append(site).append(";\n}\n").toString();
    }

    /** Where it serves without TLS. */
    int port() {
        return port;
    }

    /** Where it serves with TLS, HTTP/1.1 and HTTP/2; 0 when it does not. */
    int tlsPort() {
        return tlsPort;
    }

    String output() {
        return process.output();
    }

    @Override
    public void close() {
        process.close();
    }

    /** Replaces what is there once, and nothing else. */
    private static final class Edits {
        private String text;

        Edits(String text) {
            this.text = text;
        }

        void replace(String from, String to) {
            if (text.split(java.util.regex.Pattern.quote(from), -1).length != 2) {
                throw new AssertionError("not there exactly once: " + from + "\n" + text);
            }
            text = text.replace(from, to);
        }

        String text() {
            return text;
        }
    }
}
