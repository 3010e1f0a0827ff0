package dev.keyway.app;

import dev.keyway.access.AccessRules;
import dev.keyway.config.GatewayConfig;
import dev.keyway.limit.RateRules;
import dev.keyway.upstream.Pipeline;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;

/**
 * The configuration of one moment and what is made of it. A request is given one when it arrives and sees no other, even
 * when a reload comes meanwhile.
 */
record Snapshot(GatewayConfig config, AccessRules access, RateRules rates, Chain chain, Pipeline pipeline) {
    private static final String ATTRIBUTE = Snapshot.class.getName();

    /** Gives it to a request. */
    void serve(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    /** The one that the request was given. */
    static Snapshot of(HttpServletRequest request) {
        return (Snapshot) Objects.requireNonNull(
                request.getAttribute(ATTRIBUTE), "the first filter gives each request its configuration");
    }
}
