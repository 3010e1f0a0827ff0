package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code server.trusted_proxies} in a whole gateway: whose guesses are counted, and who is local. */
final class TrustedProxiesE2eTest {
    private static final String SECRET = "an-admin-secret-of-some-length";
    private static final String KEYS = "/admin/keys";
    private static final String FROM = "X-Forwarded-For: ";

    @TempDir
    private Path home;

    private E2e keyed(String... settings) throws IOException {
        String[] all = new String[settings.length + 2];
        System.arraycopy(settings, 0, all, 2, settings.length);
        all[0] = "admin.secret=" + SECRET;
        all[1] = "server.access_key=" + E2e.ACCESS_KEY;
        return E2e.start(home, all);
    }

    private static int[] guess(E2e e2e, String... headers) throws IOException {
        int[] statuses = new int[11];
        String[] all = new String[headers.length + 1];
        System.arraycopy(headers, 0, all, 1, headers.length);
        for (int i = 0; i < statuses.length; i++) {
            all[0] = "X-Admin-Secret: guess-" + i;
            statuses[i] = e2e.get(KEYS, all).status();
        }
        return statuses;
    }

    private static int right(E2e e2e, String... headers) throws IOException {
        String[] all = new String[headers.length + 1];
        System.arraycopy(headers, 0, all, 1, headers.length);
        all[0] = "X-Admin-Secret: " + SECRET;
        return e2e.get(KEYS, all).status();
    }

    @Test
    void guesses_are_counted_for_each_client_of_a_trusted_proxy() throws IOException {
        try (E2e e2e = keyed("server.trusted_proxies=127.0.0.1")) {
            assertThat(guess(e2e, FROM + "203.0.113.5")).startsWith(401).endsWith(429);

            assertThat(right(e2e, FROM + "203.0.113.5")).isEqualTo(429);
            assertThat(right(e2e, FROM + "9.9.9.9, 203.0.113.5"))
                    .describedAs("what a client writes itself is not believed")
                    .isEqualTo(429);
            assertThat(right(e2e, "Forwarded: for=203.0.113.5")).isEqualTo(429);
            assertThat(right(e2e, FROM + "203.0.113.6"))
                    .describedAs("a neighbour")
                    .isEqualTo(200);
            assertThat(right(e2e)).describedAs("the proxy itself").isEqualTo(200);
        }
    }

    @Test
    void guesses_of_one_household_are_those_of_one_client() throws IOException {
        try (E2e e2e = keyed("server.trusted_proxies=127.0.0.1")) {
            assertThat(guess(e2e, FROM + "2001:db8:1:2::1")).endsWith(429);

            assertThat(right(e2e, FROM + "[2001:db8:1:2:ffff::9]:4711")).isEqualTo(429);
            assertThat(right(e2e, FROM + "2001:db8:1:3::1")).isEqualTo(200);
        }
    }

    @Test
    void without_trust_a_header_does_not_hide_who_guesses() throws IOException {
        try (E2e e2e = keyed()) {
            for (int i = 0; i < 10; i++) {
                e2e.get(KEYS, "X-Admin-Secret: guess-" + i, FROM + "203.0.113." + i);
            }

            assertThat(right(e2e, FROM + "198.51.100.1")).isEqualTo(429);
            assertThat(right(e2e)).isEqualTo(429);
        }
    }

    @Test
    void no_forwarded_address_makes_a_request_local() throws IOException {
        try (E2e e2e = E2e.start(home, "server.trusted_proxies=127.0.0.1,::1")) {
            for (String header : List.of(FROM + "127.0.0.1", "Forwarded: for=127.0.0.1", "Accept: */*")) {
                assertThat(e2e.get(KEYS, header).status()).describedAs(header).isEqualTo(403);
                assertThat(e2e.get("/metrics/raw", header).status())
                        .describedAs(header)
                        .isEqualTo(403);
                assertThat(e2e.post(E2e.CHAT, E2e.chat("openai/gpt-4o-mini"), header)
                                .status())
                        .describedAs(header)
                        .isEqualTo(403);
            }
            assertThat(e2e.upstream.received()).isEmpty();
            assertThat(e2e.get(KEYS).text()).contains("admin.secret", "declared proxy");
        }
    }

    @Test
    void who_reads_this_machines_files_administers_beside_a_declared_proxy() throws IOException {
        try (E2e e2e = keyed("server.trusted_proxies=127.0.0.1")) {
            e2e.get("/health");
            Path file = home.resolve("data/gateway.json");
            await("the first request's address is written").until(() -> Files.exists(file));
            String token = new ObjectMapper()
                    .readTree(Files.readAllBytes(file))
                    .path("token")
                    .textValue();

            assertThat(e2e.get(KEYS, "Authorization: Bearer " + token).status()).isEqualTo(200);
            assertThat(e2e.get(KEYS, "Authorization: Bearer " + token, FROM + "127.0.0.1")
                            .status())
                    .isEqualTo(401);
        }
    }
}
