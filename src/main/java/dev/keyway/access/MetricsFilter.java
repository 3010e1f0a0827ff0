package dev.keyway.access;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the metrics: with {@code metrics.open} everyone may read them, else who shows {@code
 * metrics.access_key}; where that is not set, local requests that come from no web page of another origin.
 *
 * <p>Throws {@link ApiException}: 401, 403. To be registered with async support.
 */
public final class MetricsFilter implements Filter {
    private final Function<HttpServletRequest, AccessRules> rules;

    /** @param rules that hold for a request */
    public MetricsFilter(Function<HttpServletRequest, AccessRules> rules) {
        this.rules = rules;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest http = (HttpServletRequest) request;
        AccessRules now = rules.apply(http);
        if (!now.metrics().open()) {
            admit(http, now.metrics().accessKey(), now.proxies());
        }
        chain.doFilter(request, response);
    }

    private static void admit(HttpServletRequest request, @Nullable AccessKey key, TrustedProxies proxies) {
        if (key == null) {
            Peer peer = Peer.of(request, proxies);
            if (!peer.isLocal() || AllowedOrigins.isForeign(request.getHeader("Origin"), peer)) {
                throw new ApiException(
                        ErrorCode.PERMISSION,
                        "only programs on Keyway's own machine may read the metrics: set metrics.access_key and send it"
                                + " as a Bearer token, or set metrics.open to serve everyone"
                                + peer.hint());
            }
            return;
        }
        ShownCredential shown = ShownCredential.of(request.getHeader("Authorization"), request.getHeader("x-api-key"));
        if (shown instanceof ShownCredential.Absent absent) {
            throw new AccessDecision.Refused(ErrorCode.AUTHENTICATION, absent.problem()).error();
        }
        if (shown instanceof ShownCredential.Shown some
                && !MessageDigest.isEqual(key.digest(), some.secret().digest())) {
            throw new AccessDecision.Refused(ErrorCode.AUTHENTICATION, Access.INVALID_KEY).error();
        }
    }
}
