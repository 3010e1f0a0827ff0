package dev.keyway.limit;

import dev.keyway.access.AccessRules;
import dev.keyway.access.RoutePath;
import dev.keyway.exchange.Client;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.RateLimitHeaders;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Stands behind the access filter: counts each request of a limited route and tells the client how it stands, in both
 * families of headers. {@code OPTIONS} counts nowhere: a browser sends it by itself and could not tell why it failed.
 *
 * <p>Throws {@link ApiException} 429 with {@code Retry-After}. To be registered with async support.
 */
public final class RateLimitFilter implements Filter {
    /** Beyond it clients that retry by themselves do not wait for what {@code Retry-After} says, but ask again at once. */
    private static final long WORTH_WAITING_SECONDS = 60;

    private final RateLimits limits;
    private final Function<HttpServletRequest, RateRules> rules;
    private final Function<HttpServletRequest, AccessRules> access;
    private final InstantSource clock;

    /**
     * @param rules that hold for a request
     * @param access tells a client's address
     * @param clock for the time of the reset
     */
    public RateLimitFilter(
            RateLimits limits,
            Function<HttpServletRequest, RateRules> rules,
            Function<HttpServletRequest, AccessRules> access,
            InstantSource clock) {
        this.limits = limits;
        this.rules = rules;
        this.access = access;
        this.clock = clock;
    }

    @Override
    public void doFilter(ServletRequest servletRequest, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) servletRequest;
        Exchange exchange = (Exchange)
                Objects.requireNonNull(request.getAttribute(Exchange.ATTRIBUTE), "the first filter makes the exchange");
        Client client = exchange.client();
        RateRules now = rules.apply(request);
        RoutePath.Kind kind = RoutePath.given(request).kind();
        @Nullable Allowance allowance = request.getMethod().equals("OPTIONS") ? null : now.allowance(client, kind);
        if (allowance != null) {
            Standing standing = limits.take(
                    client,
                    () -> access.apply(request).proxies().addressOf(request),
                    now.budget(client, kind),
                    allowance);
            long seconds = Math.max(1, Seconds.up(standing.nanosToReset()));
            tell((HttpServletResponse) response, allowance, standing, seconds);
            if (!standing.allowed()) {
                throw refusal(client, kind, seconds);
            }
        }
        chain.doFilter(request, response);
    }

    private void tell(HttpServletResponse response, Allowance allowance, Standing standing, long seconds) {
        Instant reset = clock.instant().plusNanos(standing.nanosToReset());
        RateLimitHeaders.set(
                response,
                allowance.limit(),
                allowance.policy(),
                Long.toString(standing.remaining()),
                Long.toString(seconds),
                Long.toString(reset.getNano() > 0 ? reset.getEpochSecond() + 1 : reset.getEpochSecond()));
    }

    private static ApiException refusal(Client client, RoutePath.Kind kind, long seconds) {
        String what = kind == RoutePath.Kind.INFERENCE ? "inference requests" : "requests";
        String whose = client.isKnown() ? "client" : "IP";
        ApiException error = new ApiException(
                        ErrorCode.RATE_LIMIT, "Too many " + what + " from this " + whose + ", please try again later")
                .withHeader("Retry-After", Long.toString(seconds))
                .withMember("retryAfter", seconds);
        return seconds > WORTH_WAITING_SECONDS ? error.withHeader("x-should-retry", "false") : error;
    }
}
