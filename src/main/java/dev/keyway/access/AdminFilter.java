package dev.keyway.access;

import dev.keyway.exchange.Client;
import dev.keyway.exchange.Credential;
import dev.keyway.exchange.Exchange;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Stands before all that administers: has {@link AdminAccess} decide, and makes those wait who guess the secret.
 *
 * <p>Throws {@link ApiException}: 401, 403, 429 with {@code Retry-After}. While an address has to wait the right secret
 * is refused too, or it would pay to go on guessing. To be registered with async support.
 */
public final class AdminFilter implements Filter {
    /** The header that has the secret where {@code Authorization} is somebody else's. */
    public static final String SECRET_HEADER = "X-Admin-Secret";

    private static final Logger LOG = LogManager.getLogger(AdminFilter.class);
    private static final String CLIENT = "admin";

    private final Function<HttpServletRequest, AccessRules> rules;
    private final WrongSecrets wrongSecrets;

    /** @param rules that hold for a request */
    public AdminFilter(Function<HttpServletRequest, AccessRules> rules, InstantSource clock) {
        this.rules = rules;
        this.wrongSecrets = new WrongSecrets(clock);
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest http = (HttpServletRequest) request;
        AccessRules now = rules.apply(http);
        AdminDecision decision = now.admin().decide(facts(http, now.proxies()));
        admit(decision, now.proxies().addressOf(http));
        if (request.getAttribute(Exchange.ATTRIBUTE) instanceof Exchange exchange) {
            exchange.client(new Client(CLIENT, new Credential.None()));
            exchange.fromAdmin(
                    decision instanceof AdminDecision.Granted granted && granted.by() != AdminDecision.By.PREFLIGHT);
        }
        chain.doFilter(request, response);
    }

    /**
     * Whether a request of the data API comes from who may administer: by {@code X-Admin-Secret}, as Bearer is the access
     * key there, or by being local where no secret is set. A wrong secret counts like one on an admin route, but refuses
     * nothing.
     */
    public boolean recognises(HttpServletRequest request, Peer peer) {
        AccessRules now = rules.apply(request);
        AdminAccess access = now.admin();
        String shown = request.getHeader(SECRET_HEADER);
        if (shown == null && (access.needsCredential() || !peer.isLocal())) {
            return false;
        }
        AdminDecision decision = access.decide(
                new AdminAccess.Facts(ShownCredential.of(null, shown), peer, request.getHeader("Origin"), false));
        if (decision instanceof AdminDecision.WrongSecret) {
            wrongSecrets.wrong(now.proxies().addressOf(request));
        }
        return decision instanceof AdminDecision.Granted granted
                && (granted.by() != AdminDecision.By.SECRET
                        || wrongSecrets.left(now.proxies().addressOf(request)).isZero());
    }

    private static AdminAccess.Facts facts(HttpServletRequest request, TrustedProxies proxies) {
        return new AdminAccess.Facts(
                ShownCredential.of(request.getHeader("Authorization"), request.getHeader(SECRET_HEADER)),
                Peer.of(request, proxies),
                request.getHeader("Origin"),
                request.getMethod().equals("OPTIONS") && request.getHeader("Access-Control-Request-Method") != null);
    }

    private void admit(AdminDecision decision, String address) {
        if (decision instanceof AdminDecision.Refused refused) {
            throw new AccessDecision.Refused(refused.code(), refused.message()).error();
        }
        boolean wrong = decision instanceof AdminDecision.WrongSecret;
        boolean bySecret = decision instanceof AdminDecision.Granted granted && granted.by() == AdminDecision.By.SECRET;
        if (!wrong && !bySecret) {
            return;
        }
        Duration left = wrongSecrets.left(address);
        if (!left.isZero()) {
            long seconds = left.getNano() > 0 ? left.getSeconds() + 1 : left.getSeconds();
            throw new ApiException(ErrorCode.RATE_LIMIT, "too many wrong admin secrets came from this address")
                    .withHeader("Retry-After", Long.toString(seconds))
                    .withMember("retryAfter", seconds);
        }
        if (!wrong) {
            wrongSecrets.right(address);
            return;
        }
        if (wrongSecrets.wrong(address)) {
            LOG.warn(
                    "admin secrets guessed: address={} wait={}s",
                    address,
                    wrongSecrets.left(address).toSeconds());
        }
        throw new AccessDecision.Refused(ErrorCode.AUTHENTICATION, "Invalid admin secret").error();
    }
}
