package dev.keyway.testing;

import java.util.List;

/** Ways to write the path of a page for administrators, of which a server may take some for it. */
public final class AdminSpellings {
    /** Request targets within the context. */
    public static final List<String> PATHS = List.of(
            "/admin/keys",
            "/admin/keys/",
            "/admin/config",
            "//admin/keys",
            "/admin//keys",
            "/./admin/keys",
            "/x/../admin/keys",
            "/v1/../admin/keys",
            "/health/../admin/keys",
            "/health/..;/admin/keys",
            "/metrics/raw/../../admin/keys",
            "/admin/%2e%2e/admin/keys",
            "/admin/%2e%2e/health/%2e%2e/admin/keys",
            "/%2e/admin/keys",
            "/health/%2e%2e/admin/keys",
            "/admin;x/keys",
            "/admin;/keys",
            "/admin/keys;x=y",
            "/;x/admin/keys",
            "/%61dmin/keys",
            "/%61%64%6d%69%6e/%6b%65%79%73",
            "/admin%2Fkeys",
            "/admin%2fkeys",
            "/%2Fadmin/keys",
            "/admin/keys%2F",
            "/%2561dmin/keys",
            "/admin%5ckeys",
            "/admin\\keys",
            "/ADMIN/keys",
            "/admin/keys%00",
            "/admin/keys?/health",
            "/admin/keys%3F/health",
            "/v1/%2e%2e/admin/keys",
            "/container-error/../admin/keys");

    /** The same of the metrics. */
    public static final List<String> METRICS = List.of(
            "/metrics/raw",
            "/metrics%2Fraw",
            "/metrics%2fraw",
            "/%6detrics/raw",
            "//metrics/raw",
            "/metrics//raw",
            "/metrics;x/raw",
            "/metrics/raw;x",
            "/health/../metrics/raw",
            "/health/%2e%2e/metrics/raw",
            "/admin/../metrics/raw",
            "/metrics/./raw",
            "/metrics%2F%2Fraw",
            "/%2Fmetrics/raw",
            "/metrics/raw%00");

    /** Header lines that some servers or proxies take for another path, address or method. */
    public static final List<String> HEADERS = List.of(
            "X-Original-URL: /health",
            "X-Rewrite-URL: /health",
            "X-Forwarded-For: 127.0.0.1",
            "Forwarded: for=127.0.0.1;host=localhost",
            "X-Forwarded-Host: localhost",
            "X-Forwarded-Prefix: /health",
            "X-HTTP-Method-Override: OPTIONS",
            "Host: localhost",
            "Host: gateway.example",
            "Origin: https://evil.example",
            "Cookie: admin=true");

    private AdminSpellings() {}
}
