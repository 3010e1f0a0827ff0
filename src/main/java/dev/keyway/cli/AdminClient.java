package dev.keyway.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Asks the admin API of a running gateway, without following it anywhere else. */
final class AdminClient {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** Longer than the gateway waits for the upstream when it tests a key. */
    private static final Duration ANSWER = Duration.ofSeconds(60);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(CONNECT)
            .build();
    private final String base;
    private final @Nullable Secret credential;

    /**
     * The gateway at this address.
     *
     * @param gateway scheme, host, port and, in a container, the context's path
     * @param credential printable ASCII; null: the gateway takes local requests without one
     */
    AdminClient(URI gateway, @Nullable Secret credential) {
        this.base = gateway.toString().replaceFirst("/+$", "");
        this.credential = credential;
    }

    /** What is spoken to, for people. */
    String name() {
        return "the gateway at " + base;
    }

    /**
     * One request.
     *
     * @param path below the gateway's address, {@code /admin/keys}
     * @param masked takes out of the answer what must not be shown
     */
    Reply ask(String method, String path, @Nullable ObjectNode body, UnaryOperator<String> masked) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(ANSWER)
                .header("Accept", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(Json.bytes(body)));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        if (credential != null) {
            request.header("Authorization", "Bearer " + credential.reveal());
        }
        try {
            HttpResponse<byte[]> answer = client.send(request.build(), BodyHandlers.ofByteArray());
            return read(answer.statusCode(), masked.apply(new String(answer.body(), StandardCharsets.UTF_8)));
        } catch (HttpTimeoutException e) {
            return new Reply.Refused(name() + " did not answer within " + ANSWER.toSeconds() + " s");
        } catch (ConnectException e) {
            return new Reply.Refused("nothing answers at " + base);
        } catch (IOException e) {
            return new Reply.Refused(
                    "the connection to " + name() + " failed: " + e.getClass().getSimpleName());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Reply.Refused("interrupted");
        }
    }

    private Reply read(int status, String text) {
        try {
            JsonNode answer = text.isBlank() ? Json.object() : Json.read(text);
            if (status >= 200 && status < 300 && answer instanceof ObjectNode body) {
                return new Reply.Done(body);
            }
            String message = answer.path("error").path("message").asText("");
            if (status >= 400 && !message.isEmpty()) {
                List<String> details = new ArrayList<>();
                answer.path("error")
                        .path("details")
                        .path("problems")
                        .forEach(one -> details.add(Plain.text(one.asText())));
                return new Reply.Refused(Plain.text(message) + hint(status), details);
            }
        } catch (JsonProcessingException e) {
            return new Reply.Refused(stranger(status));
        }
        return new Reply.Refused(stranger(status));
    }

    private static String hint(int status) {
        return status == 401 || status == 403 ? " (its admin.secret is taken from KEYWAY_ADMIN_SECRET)" : "";
    }

    private String stranger(int status) {
        return "what answers at " + base + " is not Keyway's admin API (status " + status + ")";
    }
}
