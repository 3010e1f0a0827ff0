package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Header;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderRulesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host",
                "Content-Length",
                "Expect",
                "Authorization",
                "x-api-key",
                "Cookie",
                "Accept-Encoding",
                "Forwarded",
                "X-Forwarded-For",
                "X-Forwarded-Proto",
                "X-Real-IP",
                "Via",
                "CF-Connecting-IP",
                "X-Admin-Secret",
                "X-Keyway-Tag",
                "X-Request-ID",
                "Origin",
                "Sec-Fetch-Mode",
                "Connection",
                "Keep-Alive",
                "Proxy-Authorization",
                "Proxy-Connection",
                "TE",
                "Trailer",
                "Transfer-Encoding",
                "Upgrade"
            })
    void this_field_of_a_client_stays_here(String name) {
        assertThat(HeaderRules.toUpstream(List.of(new Header(name, "x"), new Header("X-Title", "mine"))))
                .containsExactly(new Header("X-Title", "mine"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP-Referer",
                "X-Title",
                "X-OpenRouter-Title",
                "X-OpenRouter-Cache",
                "x-session-id",
                "anthropic-version",
                "anthropic-beta",
                "User-Agent",
                "X-Stainless-Lang",
                "Accept",
                "Content-Type"
            })
    void this_field_of_a_client_goes_on(String name) {
        assertThat(HeaderRules.toUpstream(List.of(new Header(name, "x")))).containsExactly(new Header(name, "x"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Date", "Server", "Set-Cookie", "Alt-Svc", "Strict-Transport-Security", "Access-Control-Allow-Origin",
                "X-Request-ID", "Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Trailer"
            })
    void this_field_of_the_upstream_stays_here(String name) {
        assertThat(HeaderRules.toClient(
                        List.of(new Header(name, "x"), new Header("X-Generation-Id", "gen-1")), value -> false))
                .containsExactly(new Header("X-Generation-Id", "gen-1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Generation-Id",
                "X-Provider-Name",
                "Retry-After",
                "X-RateLimit-Reset",
                "Content-Type",
                "Content-Length",
                "Content-Encoding",
                "Cache-Control",
                "ETag",
                "X-OpenRouter-Cache-Status",
                "cf-ray"
            })
    void this_field_of_the_upstream_goes_on(String name) {
        assertThat(HeaderRules.toClient(List.of(new Header(name, "x")), value -> false))
                .containsExactly(new Header(name, "x"));
    }

    @Test
    void what_connection_names_is_for_this_hop_only_both_ways() {
        List<Header> fields = List.of(new Header("Connection", "close, X-Secret-Hop"), new Header("x-secret-hop", "1"));

        assertThat(HeaderRules.toUpstream(fields)).isEmpty();
        assertThat(HeaderRules.toClient(fields, value -> false)).isEmpty();
    }

    @Test
    void a_field_that_holds_a_key_of_ours_is_dropped() {
        assertThat(HeaderRules.toClient(
                        List.of(new Header("X-Debug", "used sk-or-v1-1234"), new Header("X-Ok", "1")),
                        value -> value.contains("sk-or-v1-1234")))
                .containsExactly(new Header("X-Ok", "1"));
    }

    @Test
    void repeated_fields_keep_their_order_and_spelling() {
        List<Header> fields = List.of(new Header("x-B", "1"), new Header("X-a", "2"), new Header("x-B", "3"));

        assertThat(HeaderRules.toUpstream(fields)).isEqualTo(fields);
    }
}
