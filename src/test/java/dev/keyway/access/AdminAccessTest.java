package dev.keyway.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.access.AdminDecision.By;
import dev.keyway.access.AdminDecision.Granted;
import dev.keyway.access.AdminDecision.Refused;
import dev.keyway.access.AdminDecision.WrongSecret;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.Secret;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdminAccessTest {
    private static final String SECRET = "an-admin-secret-of-some-length";
    private static final Secret TOKEN = new Secret("0123456789abcdef".repeat(4));
    private static final Peer LOCAL = new Peer("127.0.0.1", "localhost:3000", "http", false);
    private static final Peer REMOTE = new Peer("192.0.2.7", "gateway.example", "http", false);
    private static final Peer PROXIED = new Peer("127.0.0.1", "localhost:3000", "http", true);

    @Test
    void the_secret_opens_from_everywhere_in_either_header() {
        for (Peer peer : List.of(LOCAL, REMOTE, PROXIED)) {
            assertThat(keyed().decide(bearer(SECRET, peer))).isEqualTo(new Granted(By.SECRET));
            assertThat(keyed().decide(facts(null, SECRET, peer, null))).isEqualTo(new Granted(By.SECRET));
            assertThat(keyed().decide(facts("Basic cHJveHk6", SECRET, peer, null)))
                    .isEqualTo(new Granted(By.SECRET));
        }
    }

    @Test
    void with_a_secret_set_being_local_is_not_enough() {
        assertThat(keyed().decide(facts(null, null, LOCAL, null)))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.code()).isEqualTo(ErrorCode.AUTHENTICATION));
        assertThat(keyed().decide(bearer(SECRET + "x", LOCAL))).isEqualTo(new WrongSecret());
        assertThat(keyed().decide(bearer(SECRET.substring(1), REMOTE))).isEqualTo(new WrongSecret());
    }

    @Test
    void without_a_secret_only_a_local_request_is_served_and_others_are_told_the_setting() {
        assertThat(open().decide(facts(null, null, LOCAL, null))).isEqualTo(new Granted(By.LOCAL));
        for (Peer peer : List.of(
                REMOTE,
                PROXIED,
                new Peer("127.0.0.1", "gateway.example", "http", false),
                new Peer("192.0.2.7", "localhost", "http", false),
                new Peer(null, "localhost", "http", false))) {
            assertThat(open().decide(bearer("anything", peer)))
                    .describedAs("%s", peer)
                    .isInstanceOfSatisfying(Refused.class, refused -> {
                        assertThat(refused.code()).isEqualTo(ErrorCode.PERMISSION);
                        assertThat(refused.message()).contains("admin.secret");
                    });
        }
    }

    @Test
    void the_token_opens_from_this_machine_only() {
        assertThat(keyed().decide(bearer(TOKEN.reveal(), LOCAL))).isEqualTo(new Granted(By.TOKEN));
        assertThat(keyed().decide(bearer(TOKEN.reveal(), REMOTE))).isEqualTo(new WrongSecret());
        assertThat(keyed().decide(bearer(TOKEN.reveal(), PROXIED))).isEqualTo(new WrongSecret());
        assertThat(open().decide(bearer(TOKEN.reveal(), REMOTE))).isInstanceOf(Refused.class);
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:3000, true",
        "http://localhost:3001, false",
        "https://localhost:3000, false",
        "http://evil.example, false",
        "null, false",
        "https://console.example, true",
        "https://console.example:444, false",
    })
    void a_page_of_another_origin_is_refused_unless_it_is_named(String origin, boolean served) {
        AdminAccess access = access(SECRET, "*", "https://console.example");

        AdminDecision decision = access.decide(facts("Bearer " + SECRET, null, LOCAL, origin));

        if (served) {
            assertThat(decision).isEqualTo(new Granted(By.SECRET));
        } else {
            assertThat(decision)
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.message()).contains("cors.allowed_origins"));
        }
    }

    @Test
    void only_a_named_page_may_ask_beforehand_what_it_may_send() {
        AdminAccess access = access(SECRET, "https://console.example");

        assertThat(access.decide(preflight(REMOTE, "https://console.example"))).isEqualTo(new Granted(By.PREFLIGHT));
        assertThat(access.decide(preflight(REMOTE, "https://evil.example"))).isInstanceOf(Refused.class);
        assertThat(access.decide(preflight(REMOTE, null))).isInstanceOf(Refused.class);
    }

    private static AdminAccess keyed() {
        return access(SECRET);
    }

    private static AdminAccess open() {
        return access(null);
    }

    private static AdminAccess access(@Nullable String secret, String... origins) {
        AccessKey key =
                secret == null ? null : new AccessKey("admin", HexFormat.of().formatHex(Secret.sha256(secret)));
        return new AdminAccess(new AdminOptions(key), List.of(origins), TOKEN);
    }

    private static AdminAccess.Facts bearer(String shown, Peer peer) {
        return facts("Bearer " + shown, null, peer, null);
    }

    private static AdminAccess.Facts facts(
            @Nullable String authorization, @Nullable String header, Peer peer, @Nullable String origin) {
        return new AdminAccess.Facts(ShownCredential.of(authorization, header), peer, origin, false);
    }

    private static AdminAccess.Facts preflight(Peer peer, @Nullable String origin) {
        return new AdminAccess.Facts(ShownCredential.of(null, null), peer, origin, true);
    }
}
