package dev.keyway.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.wire.Network;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who the client is, when 10.0.0.0/8, 127.0.0.1 and fd00::/8 are proxies. */
class TrustedProxiesTest {
    private static final String PROXY = "10.0.0.7";
    private static final String CLIENT = "203.0.113.5";
    private final TrustedProxies proxies = proxies("10.0.0.0/8", "127.0.0.1", "fd00::/8");

    private static TrustedProxies proxies(String... networks) {
        return new TrustedProxies(new ProxyOptions(Stream.of(networks)
                .map(text -> Network.parse(text).orElseThrow())
                .toList()));
    }

    private String listed(@Nullable String peer, String... headers) {
        return proxies.addressOf(peer, List.of(headers), List.of());
    }

    private String forwarded(@Nullable String peer, String... headers) {
        return proxies.addressOf(peer, List.of(), List.of(headers));
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.51.100.9", "11.0.0.1", "::1", "2001:db8::1", "127.0.0.2", "9.255.255.255", "fe00::1"})
    void a_peer_that_is_not_trusted_is_the_client_whatever_it_says(String peer) {
        String plain = listed(peer);

        assertThat(listed(peer, CLIENT)).isEqualTo(plain);
        assertThat(forwarded(peer, "for=" + CLIENT)).isEqualTo(plain);
    }

    @Test
    void nobody_is_trusted_unless_named() {
        TrustedProxies none = new TrustedProxies(ProxyOptions.DEFAULTS);

        assertThat(none.addressOf("127.0.0.1", List.of(CLIENT), List.of())).isEqualTo("127.0.0.1");
        assertThat(none.contain("127.0.0.1")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.5 | 203.0.113.5",
                "203.0.113.5:52011 | 203.0.113.5",
                "  203.0.113.5\t| 203.0.113.5",
                "2001:db8::17 | 2001:db8:0:0:0:0:0:17",
                "[2001:db8::17] | 2001:db8:0:0:0:0:0:17",
                "[2001:DB8::17]:443 | 2001:db8:0:0:0:0:0:17",
                "::ffff:203.0.113.5 | 203.0.113.5",
                "1.2.3.4, 203.0.113.5 | 203.0.113.5",
                "127.0.0.1, 203.0.113.5 | 203.0.113.5",
                "203.0.113.5, 10.1.2.3, 127.0.0.1, fd12::9 | 203.0.113.5",
                "198.51.100.9, 203.0.113.5, 10.1.2.3 | 203.0.113.5",
                "unknown, '\u0001', 203.0.113.5 | 203.0.113.5",
                "203.0.113.5, , ,10.1.2.3, | 203.0.113.5",
                "10.9.9.9, 10.1.2.3 | 10.9.9.9",
                "10.9.9.9 | 10.9.9.9",
                "127.0.0.1 | 127.0.0.1",
            })
    void the_client_is_the_last_station_that_is_not_trusted(String header, String client) {
        assertThat(listed(PROXY, header)).isEqualTo(client);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " , ",
                "unknown",
                "_hidden",
                "unix:",
                "localhost",
                "proxy.example",
                "203.0.113.5, unknown",
                "203.0.113.5, garbage, 10.1.2.3",
                "203.0.113",
                "203.0.113.5.6",
                "203.0.113.256",
                "203.0.113.05",
                "0xcb007105",
                "3405803781",
                "203.0.113.5:",
                "203.0.113.5:123456",
                "203.0.113.5 198.51.100.9",
                "203.0.113.5;198.51.100.9",
                "\"203.0.113.5\"",
                "[203.0.113.5]",
                "[2001:db8::17",
                "2001:db8::17]",
                "[2001:db8::17]x",
                "[]",
                "2001:db8::17%eth0",
                "2001:db8:::17",
                "12345::",
                "for=203.0.113.5",
                "٢٠٣.0.113.5",
            })
    void what_is_no_address_leaves_that_of_the_peer(String header) {
        assertThat(listed(PROXY, header)).isEqualTo(PROXY);
    }

    /** RFC 7239 §4 and §6. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "for=203.0.113.5 | 203.0.113.5",
                "FOR=203.0.113.5 | 203.0.113.5",
                "for=\"203.0.113.5\" | 203.0.113.5",
                "for=\"203.0.113.5:47011\" | 203.0.113.5",
                "for=\"203.0.113.5:_obf\" | 203.0.113.5",
                "for=\"[2001:db8:cafe::17]:4711\" | 2001:db8:cafe:0:0:0:0:17",
                "for=\"[2001:db8:cafe::17]\" | 2001:db8:cafe:0:0:0:0:17",
                "for=\"\\2\\03.0.113.5\" | 203.0.113.5",
                "for=203.0.113.5;proto=http;by=203.0.113.43 | 203.0.113.5",
                "proto=https ; host=\"a,b;c\" ; for=203.0.113.5 | 203.0.113.5",
                "for=1.2.3.4, for=203.0.113.5 | 203.0.113.5",
                "for=1.2.3.4,for=203.0.113.5;proto=https,for=10.2.3.4 | 203.0.113.5",
                "for=unknown, for=203.0.113.5 | 203.0.113.5",
                "secret=\"for=9.9.9.9, for=8.8.8.8\";for=203.0.113.5 | 203.0.113.5",
                ", for=203.0.113.5 , | 203.0.113.5",
                ";for=203.0.113.5; | 203.0.113.5",
            })
    void forwarded_tells_the_same(String header, String client) {
        assertThat(forwarded(PROXY, header)).isEqualTo(client);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "for=unknown",
                "for=\"unknown\"",
                "for=_gazonk",
                "for=\"_gazonk:1\"",
                "for=unix",
                "for=\"unix:\"",
                "for=\"\"",
                "for=",
                "for",
                "proto=https",
                "by=203.0.113.5",
                "203.0.113.5",
                "for = 203.0.113.5",
                "for=[2001:db8::17]",
                "for=2001:db8::17",
                "for=\"2001:db8::17\"",
                "for=203.0.113.5:80",
                "for=203.0.113.5;for=198.51.100.9",
                "for=203.0.113.5 for=198.51.100.9",
                "for=\"203.0.113.5",
                "for=203.0.113.5\"",
                "for=203.0.113.5, for=\"x",
                "for=\"x, for=203.0.113.5",
                "for=\"203.0.113.5\\\"",
                "for=\"203.0.113.5\\",
                "for=203.0.113.5, proto=https",
                "for=203.0.113.5, for=unknown",
                "for=203.0.113.5, junk",
                "for=\"203.0.113.5\u0001\"",
            })
    void a_forwarded_without_an_address_or_out_of_form_leaves_that_of_the_peer(String header) {
        assertThat(forwarded(PROXY, header)).isEqualTo(PROXY);
    }

    @Test
    void headers_that_come_twice_are_one_list() {
        assertThat(listed(PROXY, "1.2.3.4", CLIENT + ", 10.1.1.1", "10.2.2.2")).isEqualTo(CLIENT);
        assertThat(forwarded(PROXY, "for=1.2.3.4", "for=" + CLIENT)).isEqualTo(CLIENT);
        assertThat(forwarded(PROXY, "for=\"1.2.3.4", "for=" + CLIENT)).isEqualTo(PROXY);
    }

    /** A proxy writes one of them and hands on what its client wrote in the other. */
    @Test
    void of_two_headers_that_contradict_each_other_none_is_believed() {
        assertThat(proxies.addressOf(PROXY, List.of(CLIENT), List.of("for=9.9.9.9")))
                .isEqualTo(PROXY);
        assertThat(proxies.addressOf(PROXY, List.of("9.9.9.9"), List.of("for=" + CLIENT)))
                .isEqualTo(PROXY);
        assertThat(proxies.addressOf(PROXY, List.of(CLIENT), List.of("nonsense")))
                .isEqualTo(PROXY);
        assertThat(proxies.addressOf(PROXY, List.of(CLIENT, "10.1.1.1"), List.of("for=" + CLIENT)))
                .isEqualTo(CLIENT);
    }

    @Test
    void more_than_32_stations_or_4096_characters_leave_the_peers_address() {
        String hops32 = String.join(",", Collections.nCopies(31, "10.1.1.1"));
        String spaces = " ".repeat(ForwardedHops.MAX_LENGTH - CLIENT.length());

        assertThat(listed(PROXY, CLIENT, hops32)).isEqualTo(CLIENT);
        assertThat(listed(PROXY, CLIENT, hops32, "10.1.1.1")).isEqualTo(PROXY);
        assertThat(listed(PROXY, spaces + CLIENT)).isEqualTo(CLIENT);
        assertThat(listed(PROXY, spaces + " " + CLIENT)).isEqualTo(PROXY);
        assertThat(forwarded(PROXY, "for=" + CLIENT + ",", "for=10.1.1.1,".repeat(31)))
                .isEqualTo(CLIENT);
        assertThat(forwarded(PROXY, "for=" + CLIENT + ",", "for=10.1.1.1,".repeat(32)))
                .isEqualTo(PROXY);
    }

    @Test
    void a_long_quoted_string_is_read_like_a_short_one() {
        String long4000 = "for=" + CLIENT + ";secret=\"" + "\\a".repeat(1_990) + "\"";

        assertThat(forwarded(PROXY, long4000)).isEqualTo(CLIENT);
        assertThat(forwarded(PROXY, long4000.substring(0, long4000.length() - 1)))
                .isEqualTo(PROXY);
    }

    @Test
    void a_peer_as_containers_tell_it_is_understood() {
        assertThat(listed("[fd00::7%eth0]", CLIENT)).isEqualTo(CLIENT);
        assertThat(listed("::ffff:10.0.0.7", CLIENT)).isEqualTo(CLIENT);
        assertThat(listed("[2001:db8::1]", CLIENT)).isEqualTo("2001:db8:0:0:0:0:0:1");
        assertThat(listed(null, CLIENT)).isEqualTo("unknown");
        assertThat(listed("", CLIENT)).isEqualTo("unknown");
        assertThat(listed("socket", CLIENT)).isEqualTo("socket");
    }

    /** Whatever the client wrote, what its proxies added to the right of it decides. */
    @RepeatedTest(200)
    void nothing_a_client_writes_itself_hides_it_behind_an_appending_proxy(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        String written = soup(random, "0123456789.:,;[]\"\\= \tforunknw_abcdef%");
        List<String> chain = new ArrayList<>(List.of(CLIENT));
        for (int i = random.nextInt(4); i > 0; i--) {
            chain.add(random.nextBoolean() ? "10." + random.nextInt(256) + ".0.9" : "fd00::" + (1 + random.nextInt(9)));
        }

        assertThat(listed(PROXY, written + ", " + String.join(", ", chain)))
                .describedAs("written by the client: %s", written)
                .isIn(CLIENT, PROXY);
        assertThat(forwarded(PROXY, written + ", for=" + CLIENT))
                .describedAs("written by the client: %s", written)
                .isIn(CLIENT, PROXY);
    }

    private static String soup(Random random, String letters) {
        StringBuilder soup = new StringBuilder();
        for (int i = random.nextInt(60); i > 0; i--) {
            soup.append(letters.charAt(random.nextInt(letters.length())));
        }
        return soup.toString();
    }
}
