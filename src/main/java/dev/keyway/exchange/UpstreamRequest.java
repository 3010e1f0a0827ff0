package dev.keyway.exchange;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing request, before a key is chosen for it. Immutable: a filter answers a new one.
 *
 * @param path after the prefix and still percent-encoded as it came, such as {@code /chat/completions}
 * @param query without the question mark, as it came; null when there was none
 * @param headers the client's, not yet freed of what must not go upstream
 * @param modelAsked the {@code model} as the client wrote it; null when there was none
 * @param session what keeps a conversation on one account where the option {@code session} is on; null: nothing does
 */
public record UpstreamRequest(
        RequestId id,
        Client client,
        Api api,
        String method,
        String path,
        @Nullable String query,
        List<Header> headers,
        RequestBody body,
        @Nullable String modelAsked,
        @Nullable String session) {
    public UpstreamRequest {
        headers = List.copyOf(headers);
    }

    /** One that no session is known of. */
    public UpstreamRequest(
            RequestId id,
            Client client,
            Api api,
            String method,
            String path,
            @Nullable String query,
            List<Header> headers,
            RequestBody body,
            @Nullable String modelAsked) {
        this(id, client, api, method, path, query, headers, body, modelAsked, null);
    }

    public UpstreamRequest withBody(RequestBody other) {
        return new UpstreamRequest(id, client, api, method, path, query, headers, other, modelAsked, session);
    }

    public UpstreamRequest withHeaders(List<Header> others) {
        return new UpstreamRequest(id, client, api, method, path, query, others, body, modelAsked, session);
    }

    public UpstreamRequest withSession(@Nullable String other) {
        return new UpstreamRequest(id, client, api, method, path, query, headers, body, modelAsked, other);
    }

    /** Without headers and body: they may hold credentials and prompts. */
    @Override
    public String toString() {
        return "UpstreamRequest[" + id + " " + method + " " + path + "]";
    }
}
