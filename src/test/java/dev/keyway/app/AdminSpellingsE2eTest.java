package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.app.WireClient.Answer;
import dev.keyway.testing.AdminSpellings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However the path of an admin page is written, it is served to administrators only. */
final class AdminSpellingsE2eTest {
    private static final String SECRET = "an-admin-secret-of-some-length";
    private static final String ADMIN = "X-Admin-Secret: " + SECRET;

    private static E2e keyed;
    private static E2e open;

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        keyed = E2e.start(folder.resolve("keyed"), "admin.secret=" + SECRET, "server.access_key=" + E2e.ACCESS_KEY);
        open = E2e.start(folder.resolve("open"));
    }

    @AfterAll
    static void stop() {
        keyed.close();
        open.close();
    }

    private static List<String> targets() {
        List<String> targets = new ArrayList<>(AdminSpellings.PATHS);
        targets.add("http://localhost:" + keyed.port() + "/admin/keys");
        targets.add("http://gateway.example/admin/keys");
        return targets;
    }

    @Test
    void no_spelling_is_served_without_the_secret() throws IOException {
        for (String target : targets()) {
            isRefused(target, keyed.get(target));
            isRefused(target, keyed.get(target, E2e.BEARER));
            assertThat(keyed.get("/admin/keys", ADMIN).status())
                    .describedAs("forgets the wrong secret of the line before")
                    .isEqualTo(200);
        }
    }

    @Test
    void with_the_secret_a_spelling_is_what_it_says_or_refused() throws IOException {
        List<String> served = new ArrayList<>();
        for (String target : targets()) {
            Answer answer = keyed.get(target, ADMIN);
            if (answer.status() == 200) {
                served.add(target);
            } else {
                isRefused(target, answer);
            }
        }

        assertThat(served)
                .contains("/admin/keys", "/admin/keys/", "/admin/config", "/%61dmin/keys", "/admin/keys?/health")
                .noneMatch(target -> target.contains("..") || target.contains(";") || target.contains("%2"));
    }

    /** Symptom: /metrics%2Fraw, which Jetty maps to the servlet and to no filter. */
    @Test
    void no_spelling_of_the_metrics_is_served_to_a_stranger() throws IOException {
        for (String target : AdminSpellings.METRICS) {
            Answer answer = open.get(target, "Via: 1.1 proxy");

            assertThat(answer.status())
                    .describedAs("%s: %s", target, answer.text())
                    .isBetween(400, 499);
            assertThat(answer.text()).describedAs(target).doesNotContain("kms_");
        }
    }

    @Test
    void no_header_opens_an_admin_page() throws IOException {
        for (String header : AdminSpellings.HEADERS) {
            isRefused(header, keyed.get("/admin/keys", header));
            if (!header.equals("Host: localhost")
                    && !header.startsWith("Cookie")
                    && !header.matches("X-(Original|Rewrite|HTTP).*")) {
                Answer answer = open.get("/admin/keys", header);
                isRefused(header, answer);
                assertThat(answer.status()).describedAs(header).isEqualTo(403);
            }
        }
    }

    @Test
    void without_a_secret_a_local_program_is_served_and_another_is_told_the_setting() throws IOException {
        assertThat(open.get("/admin/keys").status()).isEqualTo(200);
        assertThat(open.get("/admin/keys", "Authorization: Bearer anything").status())
                .isEqualTo(200);
        assertThat(open.get("/admin/keys", "Via: 1.1 proxy").message()).contains("admin.secret");
        assertThat(open.get("/metrics/raw").text()).contains("kms_active_keys 1.0");
        assertThat(open.get("/metrics/raw", "Via: 1.1 proxy").message()).contains("metrics.access_key", "metrics.open");
        assertThat(open.get("/metrics/raw", "Origin: https://evil.example").status())
                .isEqualTo(403);
    }

    private static void isRefused(String what, Answer answer) {
        assertThat(answer.status()).describedAs("%s: %s", what, answer.text()).isBetween(400, 499);
        assertThat(answer.text()).describedAs(what).doesNotContain("k_", "\"chain\"");
    }
}
