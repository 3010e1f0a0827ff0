package dev.keyway.safety;

import dev.keyway.sandbox.Sandbox;
import dev.keyway.testing.Post;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;

/** Event streams that run while something else is done to the gateway. */
final class LiveStreams {
    private LiveStreams() {}

    static CompletableFuture<HttpResponse<byte[]>> open(HttpClient client, URI url, String model) {
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Post.chat(model, true)))
                .build();
        return client.sendAsync(request, BodyHandlers.ofByteArray());
    }

    /** Those of which the stand-in has sent more than the head. */
    static long flowing(Sandbox upstream) {
        return upstream.received().stream()
                .filter(received -> received.responseLength() > 500)
                .count();
    }
}
