package dev.keyway.access;

import dev.keyway.wire.Secret;

/**
 * Who may do what, as the configuration of one moment has it. The filters ask for it at each request.
 *
 * @param access to the data API
 * @param admin who may administer
 * @param metrics who may read the metrics
 * @param proxies who is believed about a client's address
 * @param cors what pages of other origins may read
 */
public record AccessRules(
        Access access, AdminAccess admin, MetricsAccessOptions metrics, TrustedProxies proxies, CorsHeaders cors) {
    /**
     * The rules that these options make.
     *
     * @param token as {@link AdminAccess} has it
     */
    public static AccessRules of(
            AccessOptions access,
            AdminOptions admin,
            MetricsAccessOptions metrics,
            ProxyOptions proxies,
            Secret token) {
        return new AccessRules(
                new Access(access),
                new AdminAccess(admin, access.allowedOrigins(), token),
                metrics,
                new TrustedProxies(proxies),
                new CorsHeaders(access.allowedOrigins(), access.credentials()));
    }
}
