package dev.keyway.access;

import java.util.List;

/**
 * Who may call.
 *
 * @param accessKeys {@code server.access_key} (named {@code default}) and {@code server.access_keys}
 * @param allowOpen {@code server.allow_open}: a pool without access keys serves everyone, not only local requests
 * @param passthrough {@code auth.passthrough}: a caller's own {@code sk-or-} key is forwarded
 * @param publicEndpoints {@code openrouter.public_endpoints}: path prefixes that need no key and get none
 * @param accountRoutes {@code openrouter.account_routes}
 * @param allowedOrigins {@code cors.allowed_origins}: origins of browsers that may call, such as
 *     {@code https://app.example.com}
 * @param credentials {@code cors.credentials}: pages of those origins may send a browser's credentials along
 */
public record AccessOptions(
        List<AccessKey> accessKeys,
        boolean allowOpen,
        boolean passthrough,
        List<String> publicEndpoints,
        AccountRoutes accountRoutes,
        List<String> allowedOrigins,
        boolean credentials) {
    public static final AccessOptions DEFAULTS =
            new AccessOptions(List.of(), false, false, List.of("/api/v1/models"), AccountRoutes.READ, List.of(), false);

    /** Without {@code cors.credentials}. */
    public AccessOptions(
            List<AccessKey> accessKeys,
            boolean allowOpen,
            boolean passthrough,
            List<String> publicEndpoints,
            AccountRoutes accountRoutes,
            List<String> allowedOrigins) {
        this(accessKeys, allowOpen, passthrough, publicEndpoints, accountRoutes, allowedOrigins, false);
    }

    public AccessOptions {
        accessKeys = List.copyOf(accessKeys);
        publicEndpoints = List.copyOf(publicEndpoints);
        allowedOrigins = List.copyOf(allowedOrigins);
    }

    /** What a pool key may do on routes that manage the account: nothing but read, everything, nothing. */
    public enum AccountRoutes {
        READ,
        ALLOW,
        DENY
    }
}
