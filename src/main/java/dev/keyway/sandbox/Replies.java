package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Sends answers that are known whole. */
final class Replies {
    private Replies() {}

    static void json(Call call, int status, JsonNode body, String... headers) throws IOException {
        bytes(call, status, "application/json", Json.bytes(body), headers);
    }

    static void bytes(Call call, int status, String contentType, byte[] body, String... headers) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("Content-Type: " + contentType);
        lines.addAll(Deliveries.CORS);
        lines.addAll(List.of(headers));
        call.answer().whole(status, lines, body);
    }

    /** A scripted answer; an event stream goes in chunks, as streams do. */
    static void send(Call call, Reply reply) throws IOException {
        boolean stream = reply.headers().stream().anyMatch(line -> line.startsWith("Content-Type: text/event-stream"));
        if (!stream) {
            call.answer().whole(reply.status(), reply.headers(), reply.body());
            return;
        }
        call.answer().head(reply.status(), reply.headers());
        call.answer().body(reply.body());
        call.answer().end();
    }
}
