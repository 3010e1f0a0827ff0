package dev.keyway.upstream;

import dev.keyway.wire.Secret;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.http.HttpHeader;

/** The only place where a key is put on a request to the upstream, and only if that is where the key belongs. */
public final class UpstreamAuthorization {
    private final String scheme;
    private final String host;
    private final int port;

    /** For requests that go where this one goes. */
    public UpstreamAuthorization(Request example) {
        this.scheme = example.getScheme();
        this.host = example.getHost();
        this.port = example.getPort();
    }

    /** Sets {@code Authorization: Bearer}; throws when the request goes anywhere but to the configured upstream. */
    public void apply(Request request, Secret key) {
        if (!scheme.equals(request.getScheme()) || !host.equals(request.getHost()) || port != request.getPort()) {
            throw new IllegalStateException("a key may only go to the configured upstream");
        }
        request.headers(headers -> headers.put(HttpHeader.AUTHORIZATION, "Bearer " + key.reveal()));
    }
}
