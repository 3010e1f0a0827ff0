package dev.keyway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, 11.0.0.0",
        "10.0.0.7, 10.0.0.7, 10.0.0.6",
        "172.16.0.0/12, 172.31.255.255, 172.32.0.0",
        "192.168.4.0/23, 192.168.5.255, 192.168.6.0",
        "203.0.113.4/31, 203.0.113.5, 203.0.113.6",
        "0.0.0.0/0, 255.255.255.255, ::1",
        "::/0, 2001:db8::1, 203.0.113.5",
        "2001:db8::/33, 2001:db8:7fff::1, 2001:db8:8000::1",
        "fe80::/10, febf::1, fec0::1",
        "::ffff:10.0.0.7, 10.0.0.7, 10.0.0.8",
    })
    void a_range_ends_where_its_bits_say(String range, String inside, String outside) {
        Network network = Network.parse(range).orElseThrow();

        assertThat(network.contains(IpAddress.parse(inside).orElseThrow())).isTrue();
        assertThat(network.contains(IpAddress.parse(outside).orElseThrow())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0.7/8",
                "10.0.0.0/255.0.0.0", "10.0.0", "10", "*", "localhost", "proxy.example", "[fd00::1]", "fd00::1%eth0",
                "fd00::/129", "fd00::1/64", "::ffff:10.0.0.0/104", "10.0.0.1-10.0.0.9", " 10.0.0.1", "10.0.0.0/ 8",
            })
    void anything_else_is_no_range(String text) {
        assertThat(Network.parse(text)).isEmpty();
    }

    @Test
    void a_range_reads_back_as_itself() {
        for (String text : List.of("10.0.0.0/8", "10.0.0.7", "0.0.0.0/0", "fd00::/8", "::1/128")) {
            Network network = Network.parse(text).orElseThrow();

            assertThat(Network.parse(network.toString())).contains(network);
            assertThat(network)
                    .hasSameHashCodeAs(Network.parse(network.toString()).orElseThrow());
        }
        assertThat(Network.parse("10.0.0.0/8")).isNotEqualTo(Network.parse("10.0.0.0/9"));
    }
}
