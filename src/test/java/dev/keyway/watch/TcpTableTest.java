package dev.keyway.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tables' text is recorded from Linux on a little-endian processor. */
class TcpTableTest {
    private static final String HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
            + "   uid  timeout inode                                                     \n";
    private static final String V4 = HEAD
            + "   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1077 1"
            + " 00000000e2444d4d 100 0 0 10 0                      \n"
            + "   1: 0100007F:1F90 0201A8C0:C350 01 00000000:00000000 02:000AFBA1 00000000  1000        0 4242424 2"
            + " 0000000000000000 20 4 30 10 -1                     \n"
            + "   2: 0100007F:1F90 0201A8C0:C351 08 00000000:00000001 00:00000000 00000000  1000        0 77 1"
            + " 0000000000000000 20 4 30 10 -1                     \n";
    private static final String HEAD_V6 = "  sl  local_address                         remote_address"
            + "                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
    private static final String V6 = HEAD_V6
            + "   0: 00000000000000000000000001000000:1F90 00000000000000000000000001000000:C352 01"
            + " 00000000:00000000 00:00000000 00000000  1000        0 99 1 0000000000000000 20 0 0 10 -1\n"
            + "   1: B80D0120000000000000000001000000:1F90 B80D01200000000000000000EFBE0000:C353 01"
            + " 00000000:00000000 00:00000000 00000000  1000        0 100 1 0000000000000000 20 0 0 10 -1\n"
            + "   2: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000201A8C0:C354 08"
            + " 00000000:00000000 00:00000000 00000000  1000        0 101 1 0000000000000000 20 0 0 10 -1\n";

    private record Row(TcpConnection connection, int state, long inode) {}

    private static List<Row> rows(String text) throws IOException {
        List<Row> rows = new ArrayList<>();
        assertThat(new TcpTable(100_000).read(stream(text), all(rows))).isTrue();
        return rows;
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static TcpTable.Rows all(List<Row> into) {
        return new TcpTable.Rows() {
            @Override
            public boolean wants(int remotePort) {
                return true;
            }

            @Override
            public boolean row(TcpConnection connection, int state, long inode) {
                into.add(new Row(connection, state, inode));
                return true;
            }
        };
    }

    private static TcpConnection connection(String local, int localPort, String remote, int remotePort) {
        return TcpConnection.of(local, localPort, remote, remotePort).orElseThrow();
    }

    @Test
    void rows_of_ipv4_are_read() throws IOException {
        assertThat(rows(V4).subList(1, 3))
                .containsExactly(
                        new Row(connection("127.0.0.1", 8080, "192.168.1.2", 50000), TcpTable.ESTABLISHED, 4242424),
                        new Row(connection("127.0.0.1", 8080, "192.168.1.2", 50001), TcpTable.CLOSE_WAIT, 77));
    }

    @Test
    void a_server_is_seen() throws IOException {
        Row server = rows(V4).get(0);

        assertThat(server.state()).isEqualTo(TcpTable.LISTEN);
        assertThat(server.connection().localPort()).isEqualTo(2024);
        assertThat(server.connection().remotePort()).isZero();
    }

    @Test
    void rows_of_ipv6_are_read_and_mapped_addresses_are_those_of_ipv4() throws IOException {
        assertThat(rows(V6))
                .containsExactly(
                        new Row(connection("::1", 8080, "[::1]", 50002), TcpTable.ESTABLISHED, 99),
                        new Row(connection("2001:db8::1", 8080, "2001:db8::beef", 50003), TcpTable.ESTABLISHED, 100),
                        new Row(connection("127.0.0.1", 8080, "192.168.1.2", 50004), TcpTable.CLOSE_WAIT, 101));
    }

    /** The kernel ends a read in the middle of a row when the buffer is full. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 150, 4096})
    void pieces_of_any_size_make_the_same_rows(int size) throws IOException {
        List<Row> rows = new ArrayList<>();
        InputStream inPieces = new InputStream() {
            private final InputStream whole = stream(V4 + V6);

            @Override
            public int read() throws IOException {
                return whole.read();
            }

            @Override
            public int read(byte[] buffer, int from, int length) throws IOException {
                return whole.read(buffer, from, Math.min(size, length));
            }
        };

        new TcpTable(100).read(inPieces, all(rows));

        assertThat(rows).isEqualTo(rows(V4 + V6)).hasSize(6);
    }

    private static String many(int rows) {
        StringBuilder text = new StringBuilder(HEAD);
        for (int i = 0; i < rows; i++) {
            text.append(String.format(
                    Locale.ROOT,
                    "%4d: 0100007F:1F90 %08X:%04X 01 00000000:00000000 00:00000000 00000000     0        0 %d 1 0"
                            + " 20 4 30 10 -1\n",
                    i,
                    Integer.reverseBytes(0x0A000000 + i / 50_000),
                    10_000 + i % 50_000,
                    1000 + i));
        }
        return text.toString();
    }

    @Test
    void the_last_of_10000_rows_is_found_and_no_other_is_made() throws IOException {
        List<Row> found = new ArrayList<>();

        boolean whole = new TcpTable(10_001).read(stream(many(10_000)), new TcpTable.Rows() {
            @Override
            public boolean wants(int remotePort) {
                return remotePort == 19_999;
            }

            @Override
            public boolean row(TcpConnection connection, int state, long inode) {
                return found.add(new Row(connection, state, inode));
            }
        });

        assertThat(whole).isTrue();
        assertThat(found)
                .containsExactly(
                        new Row(connection("127.0.0.1", 8080, "10.0.0.0", 19_999), TcpTable.ESTABLISHED, 10_999));
    }

    @Test
    void it_stops_at_its_limit_and_says_so() throws IOException {
        List<Row> rows = new ArrayList<>();

        assertThat(new TcpTable(100).read(stream(many(100)), all(rows))).isFalse();
        assertThat(rows).hasSize(99);
    }

    @Test
    void it_stops_when_told_to() throws IOException {
        List<Row> rows = new ArrayList<>();

        boolean whole = new TcpTable(100).read(stream(many(50)), new TcpTable.Rows() {
            @Override
            public boolean wants(int remotePort) {
                return true;
            }

            @Override
            public boolean row(TcpConnection connection, int state, long inode) {
                rows.add(new Row(connection, state, inode));
                return rows.size() < 3;
            }
        });

        assertThat(whole).isTrue();
        assertThat(rows).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n",
                "   0:\n",
                "   0: 0100007F\n",
                "   0: 0100007F:1F90\n",
                "   0: 0100007F:1F90 0100007F\n",
                "   0: 0100007F:1F90 0100007F:\n",
                "   0: 010000:1F90 0100007F:C350 01\n",
                "   0: xxxxxxxx:1F90 0100007F:C350 01\n",
                "   0: 0100007F:1F90 0100007F00:C350 01\n"
            })
    void what_is_no_row_is_passed_over(String line) throws IOException {
        assertThat(rows(line + V4)).hasSize(3);
    }

    @Test
    void a_row_without_end_is_an_error() {
        assertThatThrownBy(() -> rows("0".repeat(100_000))).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1,::ffff:127.0.0.1",
        "::1,[::1]",
        "::1,0:0:0:0:0:0:0:1",
        "fe80::1%eth0,fe80::1",
        "[fe80::1%2],fe80::1",
        "10.1.2.3,[::ffff:a01:203]"
    })
    void two_spellings_of_an_address_are_one(String one, String other) {
        assertThat(TcpConnection.of(one, 1, one, 2)).isPresent().isEqualTo(TcpConnection.of(other, 1, other, 2));
    }

    @Test
    void each_end_tells_connections_apart() {
        TcpConnection one = connection("10.0.0.1", 80, "10.0.0.2", 5000);

        assertThat(one)
                .isNotEqualTo(connection("10.0.0.3", 80, "10.0.0.2", 5000))
                .isNotEqualTo(connection("10.0.0.1", 81, "10.0.0.2", 5000))
                .isNotEqualTo(connection("10.0.0.1", 80, "10.0.0.4", 5000))
                .isNotEqualTo(connection("10.0.0.1", 80, "10.0.0.2", 5001))
                .isNotEqualTo(connection("10.0.0.2", 5000, "10.0.0.1", 80));
    }

    /** Nothing that may come from a header is looked up as a name. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "dead.beef",
                "1.2.3",
                "1.2.3.4.5",
                "256.1.1.1",
                "1..2.3",
                "1.2.3.",
                "-1.2.3.4",
                "/run/keyway.sock",
                "@",
                "unknown",
                "_hidden",
                "1:2:3",
                "::g",
                "[::1",
                "1.2.3.4:80"
            })
    void what_is_no_address_is_none(String text) {
        assertThat(TcpConnection.of(text, 80, "127.0.0.1", 5000)).isEqualTo(Optional.empty());
        assertThat(TcpConnection.of("127.0.0.1", 80, text, 5000)).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65_536})
    void what_is_no_port_is_none(int port) {
        assertThat(TcpConnection.of("127.0.0.1", port, "127.0.0.1", 5000)).isEmpty();
        assertThat(TcpConnection.of("127.0.0.1", 80, "127.0.0.1", port)).isEmpty();
    }
}
