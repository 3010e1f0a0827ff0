package dev.keyway.upstream;

import dev.keyway.filter.RequestFilter;
import dev.keyway.keys.KeyPoolOptions;
import java.util.List;

/**
 * What one request goes by on its way to the upstream, from its head to its end: the configuration of one moment. A
 * reload makes another one; what runs keeps its own.
 *
 * @param filters rewrite the request, in order
 * @param policy decides about sending it again; its budget is shared by all
 */
public record Pipeline(
        List<RequestFilter> filters, UpstreamOptions options, KeyPoolOptions keyOptions, RetryPolicy policy) {
    public Pipeline {
        filters = List.copyOf(filters);
    }

    /** The same with these filters. */
    public Pipeline with(List<RequestFilter> others) {
        return new Pipeline(others, options, keyOptions, policy);
    }

    /** The same for bodies of so many bytes. */
    public Pipeline withMaxBody(long maxBody) {
        return maxBody == options.maxBody()
                ? this
                : new Pipeline(filters, options.withMaxBody(maxBody), keyOptions, policy);
    }
}
