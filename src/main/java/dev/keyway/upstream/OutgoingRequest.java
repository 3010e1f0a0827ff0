package dev.keyway.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import java.net.URI;
import java.util.List;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.jspecify.annotations.Nullable;

/** Turns a request into what the HTTP client sends, once for each attempt; without a key. */
final class OutgoingRequest {
    private final HttpClient http;
    private final URI baseUrl;
    private final String method;
    private final String target;
    private final List<Header> headers;
    private volatile @Nullable RequestBody body;
    private Request.@Nullable Content streamed;
    private @Nullable JsonContent sending;

    OutgoingRequest(HttpClient http, URI baseUrl, UpstreamRequest request, Request.@Nullable Content streamed) {
        this.http = http;
        this.baseUrl = baseUrl;
        this.method = request.method();
        this.target = baseUrl.getRawPath() + request.path() + (request.query() == null ? "" : "?" + request.query());
        this.headers = HeaderRules.toUpstream(request.headers());
        this.body = request.body();
        this.streamed = streamed;
    }

    boolean secure() {
        return "https".equalsIgnoreCase(baseUrl.getScheme());
    }

    /** Host and port of the upstream, for people. */
    String host() {
        return baseUrl.getRawAuthority();
    }

    /** Whether there may be another attempt. */
    boolean repeatable() {
        return !(body instanceof RequestBody.Streamed);
    }

    /** Whether the body asks for an event stream, by its own member; false once it is forgotten. */
    boolean asksForStream() {
        JsonNode stream = body instanceof RequestBody.Json json ? json.json().node("stream") : null;
        return stream != null && stream.asBoolean(false);
    }

    /** The request of the next attempt. */
    Request next() {
        Request request = http.newRequest(baseUrl).method(method).path(target);
        RequestBody toSend = body;
        request.headers(fields -> {
            fields.clear();
            for (Header header : headers) {
                if (!(toSend instanceof RequestBody.Json && header.is("Content-Type"))) {
                    fields.add(header.name(), header.value());
                }
            }
            fields.put("Accept-Encoding", "identity");
        });
        if (toSend instanceof RequestBody.Json json) {
            JsonContent content = new JsonContent(json.json().slices());
            sending = content;
            request.body(content);
        } else if (toSend instanceof RequestBody.Streamed) {
            request.body(streamed);
        }
        return request;
    }

    /** Whether the upstream may have the whole of the last request; of a body that passes unread nobody knows. */
    boolean mayHaveLeftWhole() {
        JsonContent content = sending;
        return content == null || content.isHandedOver();
    }

    /** Once there can be no further attempt: the body's memory is given back. */
    void forgetBody() {
        body = null;
        streamed = null;
    }
}
