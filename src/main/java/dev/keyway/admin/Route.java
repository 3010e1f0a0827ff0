package dev.keyway.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.exchange.OwnAnswer;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * One thing an administrator can ask for.
 *
 * @param path its segments; {@link #ID} stands for any one
 * @param maxBody bytes of its body
 */
record Route(String method, List<String> path, int maxBody, Handler handler) {
    static final String ID = "{id}";

    Route {
        path = List.copyOf(path);
    }

    static Route of(String method, String path, Handler handler) {
        return new Route(method, List.of(path.substring(1).split("/", -1)), BodyIntake.MAX_BYTES, handler);
    }

    /** The same for bodies of so many bytes. */
    Route taking(int bytes) {
        return new Route(method, path, bytes, handler);
    }

    /** Does what was asked for; never waits. What the client did wrong is thrown as an {@code ApiException}. */
    interface Handler {
        CompletionStage<OwnAnswer.Content> handle(Call call);
    }

    /**
     * One request for it.
     *
     * @param id what stood in the place of {@link #ID}; empty where the route has none
     * @param body empty where nothing was sent
     */
    record Call(String id, ObjectNode body) {}

    boolean matches(List<String> segments) {
        if (segments.size() != path.size()) {
            return false;
        }
        for (int i = 0; i < path.size(); i++) {
            if (!path.get(i).equals(ID) && !path.get(i).equals(segments.get(i))) {
                return false;
            }
        }
        return true;
    }

    String idIn(List<String> segments) {
        int at = path.indexOf(ID);
        return at < 0 ? "" : segments.get(at);
    }

    /** Whether it has a body to read. */
    boolean takesBody() {
        return method.equals("POST") || method.equals("PATCH");
    }

    /** {@code GET /admin/keys/{id}}. */
    @Override
    public String toString() {
        return method + " /" + String.join("/", path);
    }
}
