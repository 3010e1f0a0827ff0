package dev.keyway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.wire.Secret;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The admin API of a running gateway. */
final class AdminDesk implements KeyDesk {
    private static final String KEYS = "/admin/keys";

    private final AdminClient client;

    AdminDesk(AdminClient client) {
        this.client = client;
    }

    @Override
    public Reply list() {
        return client.ask("GET", KEYS, null, text -> text);
    }

    @Override
    public Reply add(Secret key, @Nullable String label, @Nullable String account) {
        ObjectNode body = Json.object().put("key", key.reveal());
        if (label != null) {
            body.put("label", label);
        }
        if (account != null) {
            body.put("account", account);
        }
        return client.ask("POST", KEYS, body, key::maskedIn);
    }

    @Override
    public Reply change(String id, KeyChange change) {
        return switch (change) {
            case TEST -> client.ask("POST", KEYS + "/" + id + "/test", null, text -> text);
            case DISABLE -> client.ask("POST", KEYS + "/" + id + "/disable", null, text -> text);
            case REACTIVATE -> client.ask("POST", KEYS + "/" + id + "/reactivate", null, text -> text);
            case REMOVE -> client.ask("DELETE", KEYS + "/" + id, null, text -> text);
        };
    }

    @Override
    public Reply rest(String id, Instant until) {
        return new Reply.Done(Json.object());
    }

    @Override
    public String name() {
        return client.name();
    }

    @Override
    public void close() {
        // The client's threads are daemons and end with the process.
    }
}
