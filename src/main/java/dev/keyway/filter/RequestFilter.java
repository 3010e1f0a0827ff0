package dev.keyway.filter;

import dev.keyway.exchange.UpstreamRequest;

/**
 * One step of rewriting the outgoing request: a pure function without I/O.
 *
 * @see dev.keyway.wire.ApiException for what it throws when the request can't be understood
 */
public interface RequestFilter {
    UpstreamRequest apply(UpstreamRequest request);
}
