package dev.keyway.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.keyway.app.HomeLock;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A gateway's admin API with keys in memory: real HTTP on a free port; holds a home as a gateway does. */
final class StandInAdmin implements AutoCloseable {
    static final String TOKEN = "token-of-the-stand-in-0123456789";

    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, ObjectNode> keys = new LinkedHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private final HomeLock lock;
    private final Path home;

    private StandInAdmin(HttpServer server, HomeLock lock, Path home) {
        this.server = server;
        this.lock = lock;
        this.home = home;
    }

    static StandInAdmin in(Path home) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        StandInAdmin admin = new StandInAdmin(server, HomeLock.take(home), home);
        server.createContext("/admin/keys", admin::answer);
        server.start();
        admin.writeNote(ProcessHandle.current().pid(), admin.url());
        return admin;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Writes the note that leads the command line here. */
    void writeNote(long pid, @Nullable String url) throws IOException {
        Files.createDirectories(home.resolve("data"));
        ObjectNode note =
                json.createObjectNode().put("pid", pid).put("url", url).put("token", TOKEN);
        Files.writeString(
                home.resolve(GatewayNote.FILE),
                note.put("started", "2026-11-20T12:00:00Z").toString());
    }

    /** Puts a key there; its members come on top of an active one's. */
    void has(String id, Map<String, Object> members) {
        ObjectNode key =
                json.createObjectNode().put("id", id).put("source", "admin").put("state", "active");
        key.setAll((ObjectNode) json.valueToTree(members));
        keys.put(id, key);
    }

    /** {@code POST /admin/keys/k_…/disable}, in the order they came. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    String stateOf(String id) {
        return key(id).path("state").asText();
    }

    private ObjectNode key(String id) {
        return Objects.requireNonNull(keys.get(id), id);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        JsonNode body = json.readTree(exchange.getRequestBody());
        requests.add(exchange.getRequestMethod() + " " + path);
        if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            send(exchange, 401, error("Invalid admin secret"));
            return;
        }
        String[] parts = path.split("/", -1);
        if (parts.length == 3) {
            send(exchange, 200, exchange.getRequestMethod().equals("GET") ? list() : add(body));
        } else if (keys.containsKey(parts[3])) {
            send(exchange, 200, change(parts[3], parts.length == 5 ? parts[4] : "remove"));
        } else {
            send(exchange, 404, error("no key " + parts[3]));
        }
    }

    private JsonNode list() {
        return json.createObjectNode().set("keys", json.valueToTree(keys.values()));
    }

    private JsonNode add(JsonNode body) {
        Secret key = new Secret(body.path("key").asText());
        boolean created = !keys.containsKey(key.id());
        Map<String, Object> members = new LinkedHashMap<>();
        List.of("label", "account").forEach(name -> {
            if (body.has(name)) {
                members.put(name, body.path(name).asText());
            }
        });
        has(key.id(), members);
        ObjectNode answer = json.createObjectNode()
                .put("message", "API key added successfully")
                .put("id", key.id())
                .put("created", created);
        // Says more than a gateway would, so that what is printed shows whether the command takes care.
        return key.reveal().startsWith("sk-or-") ? answer : answer.put("warning", "odd: " + key.reveal());
    }

    private JsonNode change(String id, String what) {
        ObjectNode key = key(id);
        switch (what) {
            case "disable" -> key.put("state", "deactivated");
            case "reactivate" -> key.put("state", "active");
            case "remove" -> keys.remove(id);
            default -> {
                return json.createObjectNode()
                        .put("id", id)
                        .put("result", key.path("state").asText().equals("active") ? "ok" : "refused")
                        .set("credit", key.path("credit"));
            }
        }
        return key;
    }

    private JsonNode error(String message) {
        ObjectNode body = json.createObjectNode();
        body.putObject("error").put("code", 400).put("message", message);
        return body;
    }

    private static void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** No longer answers, but holds the home. */
    void goSilent() {
        server.stop(0);
    }

    @Override
    public void close() throws IOException {
        server.stop(0);
        lock.close();
    }
}
