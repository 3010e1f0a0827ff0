package dev.keyway.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.access.AccessOptions.AccountRoutes;
import dev.keyway.exchange.Client;
import dev.keyway.exchange.Credential;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.Secret;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
    private static final String TEAM_A = "team-a-access-key-0001";
    private static final String TEAM_B = "team-b-access-key-0002";
    private static final String OWN = "sk-or-v1-the-callers-own";
    private static final Peer LOCAL = new Peer("127.0.0.1", "localhost:3000", "http", false);
    private static final Peer REMOTE = new Peer("192.0.2.7", "gateway.example:3000", "http", false);
    private static final AccessOptions OPEN = AccessOptions.DEFAULTS;
    private static final AccessOptions KEYED = with(OPEN, Map.of("default", TEAM_A, "team-b", TEAM_B));

    /** Rulings §1, "Order": what is shown, what is configured, and what comes of it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // shown | access keys | passthrough | pool has keys | client, credential
                "Bearer " + TEAM_A + " | yes | no | yes | default pool",
                "bearer " + TEAM_B + " | yes | no | yes | team-b pool",
                "BEARER   " + TEAM_B + " | yes | no | yes | team-b pool",
                "Bearer " + TEAM_A + " | yes | yes | yes | default pool",
                "Bearer " + TEAM_A + " | yes | no | no | default pool",
                "Bearer " + OWN + " | yes | yes | yes | own",
                "Bearer " + OWN + " | no | yes | yes | own",
                "Bearer " + OWN + " | no | yes | no | own",
                "Bearer " + OWN + " | yes | no | yes | 401 Invalid access key",
                "Bearer " + OWN + " | no | no | yes | local pool",
                "Bearer wrong | yes | yes | yes | 401 Invalid access key",
                "Bearer wrong | yes | no | no | 401 Invalid access key",
                "Bearer | yes | no | yes | 401 Invalid access key",
                "Basic dXNlcjpwdw== | yes | no | yes | 401 Invalid authentication scheme",
                TEAM_A + " | yes | no | yes | 401 Invalid authentication scheme",
                "- | yes | no | yes | 401 Authorization header missing",
                "'' | yes | no | yes | 401 Authorization header missing",
                "Bearer dummy-key | no | no | yes | local pool",
                "Basic dXNlcjpwdw== | no | no | yes | local pool",
                "- | no | no | yes | local pool",
                "Bearer " + OWN + " | no | no | no | own",
                "Bearer whatever | no | no | no | own",
                "Basic dXNlcjpwdw== | no | no | no | local none",
                "- | no | no | no | local none",
            })
    void the_callers_credential_decides_in_the_order_of_the_rulings(
            @Nullable String authorization, String keyed, String passthrough, String pool, String expected) {
        AccessOptions options = passthrough(keyed.equals("yes") ? KEYED : OPEN, passthrough.equals("yes"));

        AccessDecision decision =
                new Access(options).decide(post(authorization, null, LOCAL, null, pool.equals("yes")));

        assertThat(text(decision, authorization)).isEqualTo(expected);
    }

    /** The caller's credential is the Bearer, else {@code x-api-key}. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "- | " + TEAM_A + " | default pool",
                "Basic dXNlcjpwdw== | " + TEAM_A + " | default pool",
                "Bearer | " + TEAM_A + " | default pool",
                "Bearer " + TEAM_B + " | " + TEAM_A + " | team-b pool",
                "Bearer wrong | " + TEAM_A + " | 401 Invalid access key",
                "Bearer " + TEAM_B + " | wrong | team-b pool",
                "- | wrong | 401 Invalid access key",
                "- | '' | 401 Authorization header missing",
                "Basic dXNlcjpwdw== | '' | 401 Invalid authentication scheme",
            })
    void an_api_key_header_counts_where_there_is_no_bearer(
            @Nullable String authorization, String apiKey, String expected) {
        AccessDecision decision = new Access(KEYED).decide(post(authorization, apiKey, LOCAL, null, true));

        assertThat(text(decision, authorization)).isEqualTo(expected);
    }

    @Test
    void a_passed_through_key_goes_as_it_came_under_its_own_id() {
        AccessDecision decision = new Access(passthrough(KEYED, true)).decide(post(null, OWN, REMOTE, null, true));

        assertThat(decision)
                .isEqualTo(new AccessDecision.Granted(
                        new Client(new Secret(OWN).id(), new Credential.Own(new Secret(OWN)))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer x", "Bearer team-a-access-key-0002", "Bearer sk-or-v1-unknown", "Bearer \u00e9"})
    void nothing_tells_one_wrong_key_from_another(String authorization) {
        AccessDecision decision = new Access(KEYED).decide(post(authorization, null, REMOTE, null, true));

        assertThat(decision).isEqualTo(new AccessDecision.Refused(ErrorCode.AUTHENTICATION, "Invalid access key"));
    }

    @Test
    void a_401_names_the_scheme_and_a_403_does_not() {
        AccessDecision.Refused unknown = new AccessDecision.Refused(ErrorCode.AUTHENTICATION, "x");
        AccessDecision.Refused forbidden = new AccessDecision.Refused(ErrorCode.PERMISSION, "x");

        assertThat(unknown.error().headers()).isEqualTo(Map.of("WWW-Authenticate", "Bearer"));
        assertThat(forbidden.error().headers()).isEmpty();
    }

    /** Rulings §1, "Open pool": who is local. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "127.0.0.1, localhost:3000, false, true",
                "127.0.0.1, localhost, false, true",
                "127.0.0.1, LocalHost:1, false, true",
                "127.0.0.1, app.localhost:3000, false, true",
                "127.0.0.1, 127.0.0.1:3000, false, true",
                "127.9.8.7, 127.255.255.254, false, true",
                "::1, [::1]:3000, false, true",
                "0:0:0:0:0:0:0:1, [0:0:0:0:0:0:0:1], false, true",
                "[::1], [::1]:3000, false, true",
                "[0:0:0:0:0:0:0:1], localhost:3000, false, true",
                "::1%lo, localhost, false, true",
                "::ffff:127.0.0.1, [::ffff:127.0.0.1]:80, false, true",
                "127.0.0.1, localhost:3000, true, false",
                "192.0.2.7, localhost:3000, false, false",
                "10.0.0.1, 127.0.0.1, false, false",
                "::2, localhost, false, false",
                "fe80::1%eth0, localhost, false, false",
                "::ffff:192.0.2.7, localhost, false, false",
                "-, localhost, false, false",
                "'', localhost, false, false",
                "localhost, localhost, false, false",
                "127.0.0.1, -, false, false",
                "127.0.0.1, '', false, false",
                "127.0.0.1, rebound.example:3000, false, false",
                "127.0.0.1, gateway, false, false",
                "127.0.0.1, localhost.example, false, false",
                "127.0.0.1, 127.0.0.1.nip.example, false, false",
                "127.0.0.1, 192.0.2.7:3000, false, false",
                "127.0.0.1, 127.1, false, false",
                "127.0.0.1, 127.0.0.256, false, false",
                "127.0.0.1, 0.0.0.0:3000, false, false",
                "127.0.0.1, [::], false, false",
                "127.0.0.1, [::1, false, false",
                "127.0.0.1, [::1]x, false, false",
                "127.0.0.1, [localhost], false, false",
                "127.0.0.1, localhost:port, false, false",
                "127.0.0.1, localhost:99999, false, false",
                "127.0.0.1, user@localhost, false, false",
                "127.0.0.1, 'localhost,evil.example', false, false",
            })
    void an_open_pool_serves_local_requests_only(
            @Nullable String address, @Nullable String host, boolean forwarded, boolean served) {
        Peer peer = new Peer(address, host, "http", forwarded);

        AccessDecision decision = new Access(OPEN).decide(post("Bearer any", null, peer, null, true));

        assertThat(peer.isLocal()).isEqualTo(served);
        if (served) {
            assertThat(text(decision, null)).isEqualTo("local pool");
        } else {
            assertThat(decision).isInstanceOfSatisfying(AccessDecision.Refused.class, refused -> {
                assertThat(refused.code()).isEqualTo(ErrorCode.PERMISSION);
                assertThat(refused.message()).contains("server.access_key", "server.allow_open");
            });
        }
    }

    @Test
    void allow_open_serves_everyone() {
        AccessOptions options =
                new AccessOptions(List.of(), true, false, OPEN.publicEndpoints(), AccountRoutes.READ, List.of());

        AccessDecision decision = new Access(options).decide(post(null, null, REMOTE, null, true));

        assertThat(text(decision, null)).isEqualTo("local pool");
    }

    @Test
    void with_an_access_key_it_does_not_matter_where_a_caller_is() {
        AccessDecision known = new Access(KEYED).decide(post("Bearer " + TEAM_A, null, REMOTE, null, true));
        AccessDecision unknown = new Access(KEYED).decide(post(null, null, LOCAL, null, true));

        assertThat(text(known, null)).isEqualTo("default pool");
        assertThat(text(unknown, null)).isEqualTo("401 Authorization header missing");
    }

    /** Rulings §1, "Browsers". */
    @ParameterizedTest
    @CsvSource({
        "http://localhost:3000, localhost:3000, http, true",
        "HTTP://LOCALHOST:3000, localhost:3000, http, true",
        "http://localhost, localhost, http, true",
        "http://localhost:80, localhost, http, true",
        "http://localhost, localhost:80, http, true",
        "https://localhost, localhost:443, https, true",
        "http://[::1]:3000, [::1]:3000, http, true",
        "https://app.example.com, localhost:3000, http, true",
        "https://app.example.com:443, localhost:3000, http, true",
        "http://app.example.com, localhost:3000, http, false",
        "https://app.example.com:8443, localhost:3000, http, false",
        "https://app.example.com.evil.example, localhost:3000, http, false",
        "http://localhost:3001, localhost:3000, http, false",
        "http://127.0.0.1:3000, localhost:3000, http, false",
        "https://localhost:3000, localhost:3000, http, false",
        "http://evil.example, localhost:3000, http, false",
        "null, localhost:3000, http, false",
        "'', localhost:3000, http, false",
        "localhost:3000, localhost:3000, http, false",
        "http://localhost:3000/, localhost:3000, http, false",
        "http://localhost:3000@evil.example, localhost:3000, http, false",
    })
    void a_web_page_may_use_an_open_pool_only_from_an_allowed_origin(
            String origin, String host, String scheme, boolean served) {
        AccessOptions options = new AccessOptions(
                List.of(), false, false, List.of(), AccountRoutes.READ, List.of("https://app.example.com"));
        Peer peer = new Peer("127.0.0.1", host, scheme, false);

        AccessDecision decision = new Access(options).decide(post(null, null, peer, origin, true));

        assertThat(decision instanceof AccessDecision.Granted).isEqualTo(served);
        if (decision instanceof AccessDecision.Refused refused) {
            assertThat(refused.code()).isEqualTo(ErrorCode.PERMISSION);
            assertThat(refused.message()).contains("cors.allowed_origins");
        }
    }

    /** A page whose name was rebound to this machine has a Host equal to its Origin: still no local request. */
    @Test
    void a_rebound_page_is_its_own_origin_but_not_local() {
        Peer rebound = new Peer("127.0.0.1", "rebound.example:3000", "http", false);

        AccessDecision decision =
                new Access(OPEN).decide(post(null, null, rebound, "http://rebound.example:3000", true));

        assertThat(decision).isInstanceOf(AccessDecision.Refused.class);
    }

    @Test
    void a_strange_origin_without_a_host_is_strange() {
        Peer peer = new Peer("127.0.0.1", null, "http", false);

        AccessDecision decision = new Access(OPEN).decide(post(null, null, peer, "http://null", true));

        assertThat(((AccessDecision.Refused) decision).message()).contains("origin");
    }

    @Test
    void origins_matter_only_while_the_pool_is_open() {
        AccessDecision keyed =
                new Access(KEYED).decide(post("Bearer " + TEAM_A, null, LOCAL, "http://evil.example", true));
        AccessDecision noPool =
                new Access(OPEN).decide(post("Bearer " + OWN, null, LOCAL, "http://evil.example", false));

        assertThat(text(keyed, null)).isEqualTo("default pool");
        assertThat(text(noPool, null)).isEqualTo("own");
    }

    @Test
    void a_star_allows_every_origin() {
        AccessOptions options = new AccessOptions(List.of(), false, false, List.of(), AccountRoutes.READ, List.of("*"));

        AccessDecision decision = new Access(options).decide(post(null, null, LOCAL, "http://any.example", true));

        assertThat(text(decision, null)).isEqualTo("local pool");
    }

    /** S1-4 and C20: whole segments, both prefixes, reads only, and never the account's own list. */
    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/models, true",
        "HEAD, /api/v1/models, true",
        "GET, /v1/models, true",
        "GET, /v1/models/, true",
        "GET, /v1/models/openai/gpt-4o, true",
        "GET, /v1/models/openai%2Fgpt-4o, true",
        "GET, /api/v1/models/count, true",
        "GET, /v1/providers, true",
        "GET, /api/v1/providers, true",
        "GET, /api/v1/modelsX, false",
        "GET, /v1/modelsX, false",
        "GET, /v1/model, false",
        "GET, /v1, false",
        "POST, /v1/models, false",
        "DELETE, /v1/models, false",
        "GET, /v1/models/user, false",
        "GET, /api/v1/models/user, false",
        "GET, /v1/models/user/, false",
        "GET, /v1/models/user/x, false",
        "GET, /v1/models%2Fuser, false",
        "GET, /v1/models/%75ser, false",
        "GET, /v1/MODELS/USER, false",
        "GET, /v1/models/users, true",
        "GET, /v1/credits, false",
    })
    void public_endpoints_need_nothing_and_get_no_key(String method, String path, boolean isPublic) {
        AccessOptions options = new AccessOptions(
                KEYED.accessKeys(),
                false,
                false,
                List.of("/api/v1/models", "v1/providers/", "  "),
                AccountRoutes.READ,
                List.of());

        AccessDecision stranger =
                new Access(options).decide(facts(method, path, "Bearer wrong", null, REMOTE, null, true));
        AccessDecision known =
                new Access(options).decide(facts(method, path, "Bearer " + TEAM_A, null, REMOTE, null, true));

        assertThat(text(stranger, null)).isEqualTo(isPublic ? "local none" : "401 Invalid access key");
        assertThat(text(known, null)).isEqualTo(isPublic ? "default none" : "default pool");
    }

    @Test
    void no_public_endpoints_means_none() {
        AccessOptions options =
                new AccessOptions(KEYED.accessKeys(), false, false, List.of(), AccountRoutes.READ, List.of());

        AccessDecision decision = new Access(options).decide(facts("GET", "/v1/models", null, null, LOCAL, null, true));

        assertThat(text(decision, null)).isEqualTo("401 Authorization header missing");
    }

    @Test
    void even_a_callers_own_key_is_not_sent_to_a_public_endpoint() {
        AccessDecision decision = new Access(passthrough(KEYED, true))
                .decide(facts("GET", "/v1/models", "Bearer " + OWN, null, LOCAL, null, true));

        assertThat(text(decision, null)).isEqualTo("local none");
    }

    /** Rulings §1, "Account routes", with a key of the pool: read, allow, deny. */
    @ParameterizedTest
    @CsvSource({
        "GET, /v1/keys, yes, yes, no",
        "HEAD, /api/v1/keys/abc, yes, yes, no",
        "POST, /v1/keys, no, yes, no",
        "PATCH, /v1/keys/abc, no, yes, no",
        "DELETE, /api/v1/keys/abc, no, yes, no",
        "PUT, /v1/keys, no, yes, no",
        "BREW, /v1/keys, no, yes, no",
        "get, /v1/keys, no, yes, no",
        "POST, /v1/auth/keys, no, yes, no",
        "POST, /v1/auth, no, yes, no",
        "POST, /v1/byok, no, yes, no",
        "POST, /v1/guardrails/x, no, yes, no",
        "POST, /v1/workspaces, no, yes, no",
        "POST, /v1/organization/members, no, yes, no",
        "POST, /v1/organizations, no, yes, no",
        "POST, /v1/observability/x, no, yes, no",
        "POST, /v1/scim/v2/Users, no, yes, no",
        "POST, /v1/KEYS, no, yes, no",
        "POST, /v1/%6beys, no, yes, no",
        "POST, /v1/keys%2Fabc, no, yes, no",
        "POST, /v1/keys/, no, yes, no",
        "POST, /v1/keys%20, no, yes, no",
        "GET, /v1/key, yes, yes, yes",
        "GET, /v1/credits, yes, yes, yes",
        "POST, /v1/chat/completions, yes, yes, yes",
        "POST, /v1/author, yes, yes, yes",
        "POST, /v1, yes, yes, yes",
    })
    void account_routes_are_read_only_for_the_pools_keys(
            String method, String path, String read, String allow, String deny) {
        assertThat(List.of(
                        passes(AccountRoutes.READ, method, path),
                        passes(AccountRoutes.ALLOW, method, path),
                        passes(AccountRoutes.DENY, method, path)))
                .containsExactly(read, allow, deny);
    }

    @Test
    void with_the_callers_own_key_every_account_route_passes() {
        AccessOptions options =
                new AccessOptions(KEYED.accessKeys(), false, true, List.of(), AccountRoutes.DENY, List.of());

        AccessDecision decision =
                new Access(options).decide(facts("DELETE", "/v1/keys/abc", "Bearer " + OWN, null, REMOTE, null, true));

        assertThat(text(decision, null)).isEqualTo("own");
    }

    @Test
    void a_preflight_needs_no_credential_and_gets_none() {
        AccessDecision decision = new Access(KEYED)
                .decide(facts("OPTIONS", "/v1/chat/completions", null, null, REMOTE, "https://x.example", true));

        assertThat(text(decision, null)).isEqualTo("local none");
    }

    @Test
    void the_facts_never_print_the_credential() {
        CallerFacts facts = post("Bearer " + OWN, null, LOCAL, null, true);

        assertThat(facts.toString()).doesNotContain(OWN);
        assertThat(new Access(OPEN)
                        .decide(post("Bearer " + OWN, null, LOCAL, null, false))
                        .toString())
                .doesNotContain(OWN);
    }

    private static String passes(AccountRoutes routes, String method, String path) {
        AccessOptions options = new AccessOptions(KEYED.accessKeys(), false, false, List.of(), routes, List.of());
        AccessDecision decision =
                new Access(options).decide(facts(method, path, "Bearer " + TEAM_A, null, REMOTE, null, true));
        if (decision instanceof AccessDecision.Refused refused) {
            assertThat(refused.code()).isEqualTo(ErrorCode.PERMISSION);
            assertThat(refused.message()).contains("openrouter.account_routes");
            return "no";
        }
        return "yes";
    }

    /** "name pool", "name none", "own" or "status message". */
    private static String text(AccessDecision decision, @Nullable String authorization) {
        if (decision instanceof AccessDecision.Refused refused) {
            return refused.code().status() + " " + refused.message();
        }
        Client client = ((AccessDecision.Granted) decision).client();
        if (client.credential() instanceof Credential.Own own) {
            assertThat(client.name()).isEqualTo(own.secret().id());
            if (authorization != null) {
                assertThat(authorization).endsWith(own.secret().reveal());
            }
            return "own";
        }
        return client.name() + (client.usesPool() ? " pool" : " none");
    }

    private static CallerFacts post(
            @Nullable String authorization,
            @Nullable String apiKey,
            Peer peer,
            @Nullable String origin,
            boolean poolHasKeys) {
        return facts("POST", "/v1/chat/completions", authorization, apiKey, peer, origin, poolHasKeys);
    }

    private static CallerFacts facts(
            String method,
            String path,
            @Nullable String authorization,
            @Nullable String apiKey,
            Peer peer,
            @Nullable String origin,
            boolean poolHasKeys) {
        return new CallerFacts(
                method, RoutePath.of(path), ShownCredential.of(authorization, apiKey), peer, origin, poolHasKeys);
    }

    private static AccessOptions with(AccessOptions options, Map<String, String> keys) {
        return new AccessOptions(
                keys.entrySet().stream()
                        .map(key ->
                                new AccessKey(key.getKey(), HexFormat.of().formatHex(Secret.sha256(key.getValue()))))
                        .toList(),
                options.allowOpen(),
                options.passthrough(),
                options.publicEndpoints(),
                options.accountRoutes(),
                options.allowedOrigins());
    }

    private static AccessOptions passthrough(AccessOptions options, boolean passthrough) {
        return new AccessOptions(
                options.accessKeys(),
                options.allowOpen(),
                passthrough,
                options.publicEndpoints(),
                options.accountRoutes(),
                options.allowedOrigins());
    }
}
