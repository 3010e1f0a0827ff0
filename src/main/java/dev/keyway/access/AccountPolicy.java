package dev.keyway.access;

import dev.keyway.access.AccessOptions.AccountRoutes;
import java.util.List;

/** What a request with a key of the pool may do to the account behind that key. */
final class AccountPolicy {
    private static final List<String> MANAGED =
            List.of("keys", "byok", "guardrails", "workspaces", "organization", "observability", "scim");

    private final AccountRoutes routes;

    AccountPolicy(AccountRoutes routes) {
        this.routes = routes;
    }

    boolean permits(String method, RoutePath path) {
        if (routes == AccountRoutes.ALLOW || !isAccountRoute(path)) {
            return true;
        }
        return routes == AccountRoutes.READ && (method.equals("GET") || method.equals("HEAD"));
    }

    private static boolean isAccountRoute(RoutePath path) {
        List<String> words = path.words();
        if (words.isEmpty()) {
            return false;
        }
        String first = words.get(0);
        for (String managed : MANAGED) {
            if (first.startsWith(managed)) {
                return true;
            }
        }
        return first.equals("auth");
    }
}
