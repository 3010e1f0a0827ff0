package dev.keyway.access;

import dev.keyway.exchange.Exchange;
import dev.keyway.wire.ApiException;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Stands before the data API: gathers the facts of a request, has {@link Access} decide, and tells the {@link Exchange}
 * who the client is, before a byte of the body is read.
 *
 * <p>Throws {@link ApiException}: 400 for an ambiguous path, 401, 403. To be registered with async support.
 */
public final class AccessFilter implements Filter {
    private final Function<HttpServletRequest, AccessRules> rules;
    private final BooleanSupplier poolHasKeys;
    private final BiPredicate<HttpServletRequest, Peer> isAdmin;

    /**
     * @param rules that hold for a request
     * @param isAdmin whether a caller that is let in may administer too
     */
    public AccessFilter(
            Function<HttpServletRequest, AccessRules> rules,
            BooleanSupplier poolHasKeys,
            BiPredicate<HttpServletRequest, Peer> isAdmin) {
        this.rules = rules;
        this.poolHasKeys = poolHasKeys;
        this.isAdmin = isAdmin;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest http = (HttpServletRequest) request;
        Exchange exchange = (Exchange) Objects.requireNonNull(
                http.getAttribute(Exchange.ATTRIBUTE), "the filter before this one makes the exchange");
        AccessRules now = rules.apply(http);
        CallerFacts facts = facts(http, now.proxies());
        AccessDecision decision = now.access().decide(facts);
        if (decision instanceof AccessDecision.Refused refused) {
            throw refused.error();
        }
        if (decision instanceof AccessDecision.Granted granted) {
            exchange.client(granted.client());
            exchange.fromAdmin(isAdmin.test(http, facts.peer()));
            chain.doFilter(request, response);
        }
    }

    private CallerFacts facts(HttpServletRequest request, TrustedProxies proxies) {
        RoutePath path = RoutePath.of(request);
        path.give(request);
        return new CallerFacts(
                request.getMethod(),
                path,
                ShownCredential.of(request.getHeader("Authorization"), request.getHeader("x-api-key")),
                Peer.of(request, proxies),
                request.getHeader("Origin"),
                poolHasKeys.getAsBoolean());
    }
}
