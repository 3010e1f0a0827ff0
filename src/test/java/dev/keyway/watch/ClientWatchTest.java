package dev.keyway.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of what the tables say; they are written, and looked at, by hand. */
class ClientWatchTest {
    private static final int PORT = 8080;
    private static final int CLIENT = 50_000;
    private static final int OTHER = 50_001;
    private static final String SERVER = row("00000000", PORT, "00000000", 0, "0A", 1);

    @TempDir
    Path folder;

    private final List<Departure> told = new ArrayList<>();
    private final List<Departure> toldOther = new ArrayList<>();
    private Path v4 = Path.of("");
    private Path v6 = Path.of("");

    @BeforeEach
    void tables() throws IOException {
        v4 = folder.resolve("tcp");
        v6 = folder.resolve("tcp6");
        table();
        Files.writeString(v6, "  sl\n");
    }

    private static String row(String local, int localPort, String remote, int remotePort, String state, long inode) {
        return String.format(
                Locale.ROOT,
                "   0: %s:%04X %s:%04X %s 00000000:00000000 00:00000000 00000000     0        0 %d 1 0 20 4 30 10 -1%n",
                local,
                localPort,
                remote,
                remotePort,
                state,
                inode);
    }

    private static String row(int clientPort, String state, long inode) {
        return row("0100007F", PORT, "0100007F", clientPort, state, inode);
    }

    private void table(String... rows) throws IOException {
        Files.writeString(v4, "  sl\n" + SERVER + String.join("", rows));
    }

    /** As of Keyway's own server. */
    private ClientWatch own() {
        return new ClientWatch(List.of(v6, v4), true, 100);
    }

    /** As of a container, which may tell other addresses than a connection's own. */
    private ClientWatch foreign() {
        return new ClientWatch(List.of(v6, v4), false, 100);
    }

    private static ClientAddress client(int port) {
        return new ClientAddress("127.0.0.1", PORT, "127.0.0.1", port);
    }

    private ClientWatch.Watch watch(ClientWatch watch) {
        return watch.watch(client(CLIENT), () -> false, told::add);
    }

    @Test
    void client_that_closed_its_side_is_gone_at_the_first_look() throws IOException {
        ClientWatch watch = foreign();
        watch(watch);
        table(row(CLIENT, "08", 7));

        watch.look();

        assertThat(told).containsExactly(Departure.CLOSED);
    }

    @Test
    void it_is_told_once_and_not_watched_any_more() throws IOException {
        ClientWatch watch = own();
        watch(watch);
        table(row(CLIENT, "08", 7));

        watch.look();
        watch.look();

        assertThat(told).hasSize(1);
        assertThat(watch.size()).isZero();
    }

    @Test
    void client_that_is_missing_twice_is_gone() throws IOException {
        ClientWatch watch = foreign();
        watch(watch);
        table(row(CLIENT, "01", 7));
        assertThat(watch.look()).isFalse();
        table();

        assertThat(watch.look()).describedAs("it is looked for again soon").isTrue();
        assertThat(told).isEmpty();
        watch.look();

        assertThat(told).containsExactly(Departure.RESET);
    }

    @Test
    void client_that_was_overlooked_once_is_not_gone() throws IOException {
        ClientWatch watch = own();
        watch(watch);
        for (int i = 0; i < 3; i++) {
            table();
            watch.look();
            table(row(CLIENT, "01", 7));
            watch.look();
        }

        assertThat(told).isEmpty();
    }

    /** Another connection from the same address and port has come in its place. */
    @Test
    void client_whose_socket_is_another_is_gone() throws IOException {
        ClientWatch watch = foreign();
        watch(watch);
        table(row(CLIENT, "01", 7));
        watch.look();
        table(row(CLIENT, "01", 8));

        watch.look();
        watch.look();

        assertThat(told).containsExactly(Departure.RESET);
    }

    @Test
    void each_client_is_judged_by_its_own_connection() throws IOException {
        ClientWatch watch = own();
        watch(watch);
        watch.watch(client(OTHER), () -> false, toldOther::add);
        table(row(CLIENT, "01", 7), row(OTHER, "08", 8));

        watch.look();
        watch.look();

        assertThat(told).isEmpty();
        assertThat(toldOther).containsExactly(Departure.CLOSED);
    }

    // ---- addresses that are not the connection's own

    @Test
    void one_that_was_never_there_is_not_judged() throws IOException {
        ClientWatch watch = foreign();
        watch(watch);

        for (int i = 0; i < 5; i++) {
            assertThat(watch.look()).isFalse();
        }

        assertThat(told).isEmpty();
        assertThat(watch.size()).isEqualTo(1);
    }

    @Test
    void one_that_was_never_there_is_gone_where_others_of_the_same_server_were() throws IOException {
        ClientWatch watch = foreign();
        watch.watch(client(OTHER), () -> false, toldOther::add);
        table(row(OTHER, "01", 8));
        watch.look();
        watch(watch);

        watch.look();
        watch.look();

        assertThat(told).containsExactly(Departure.RESET);
        assertThat(toldOther).isEmpty();
    }

    @Test
    void one_that_may_have_come_through_a_proxy_is_not_judged_by_others() throws IOException {
        ClientWatch watch = foreign();
        watch.watch(client(OTHER), () -> false, toldOther::add);
        table(row(OTHER, "01", 8));
        watch.watch(client(CLIENT), () -> true, told::add);

        for (int i = 0; i < 5; i++) {
            watch.look();
        }

        assertThat(told).isEmpty();
    }

    /** The container told a client's address and the port of its proxy. */
    @Test
    void one_whose_port_is_another_address_s_is_not_judged_by_others() throws IOException {
        ClientWatch watch = foreign();
        watch.watch(client(OTHER), () -> false, toldOther::add);
        table(row(OTHER, "01", 8), row("0100007F", PORT, "0200007F", CLIENT, "01", 9));
        watch(watch);

        for (int i = 0; i < 5; i++) {
            watch.look();
        }

        assertThat(told).isEmpty();
    }

    @Test
    void on_our_own_server_one_that_was_never_there_is_gone() {
        ClientWatch watch = own();
        watch(watch);

        watch.look();
        watch.look();

        assertThat(told).containsExactly(Departure.RESET);
    }

    /** The tables are those of another machine, or empty. */
    @Test
    void where_not_even_the_server_is_in_the_tables_nobody_is_missed() throws IOException {
        Files.writeString(v4, "  sl\n");
        ClientWatch watch = own();
        watch(watch);

        for (int i = 0; i < 5; i++) {
            watch.look();
        }

        assertThat(told).isEmpty();
    }

    // ---- tables

    @Test
    void one_is_found_in_either_table() throws IOException {
        ClientWatch watch = foreign();
        watch(watch);
        String mapped = "0000000000000000FFFF00000100007F";
        Files.writeString(v6, "  sl\n" + row(mapped, PORT, mapped, CLIENT, "08", 7));

        watch.look();

        assertThat(told).containsExactly(Departure.CLOSED);
    }

    @Test
    void nobody_is_missed_in_a_table_that_is_too_long() throws IOException {
        ClientWatch watch = own();
        watch(watch);
        String[] rows = new String[100];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = row(OTHER, "01", i);
        }
        table(rows);

        for (int i = 0; i < 5; i++) {
            watch.look();
        }

        assertThat(told).isEmpty();
    }

    @Test
    void nobody_is_missed_while_the_tables_cannot_be_read() throws IOException {
        ClientWatch watch = own();
        watch(watch);
        Files.delete(v4);

        for (int i = 0; i < 5; i++) {
            watch.look();
        }

        assertThat(told).isEmpty();
    }

    // ---- the watch

    @Test
    void closed_handle_is_not_told() throws IOException {
        ClientWatch watch = own();
        watch(watch).close();
        table(row(CLIENT, "08", 7));

        watch.look();

        assertThat(told).isEmpty();
        assertThat(watch.size()).isZero();
    }

    @Test
    void failure_of_one_does_not_keep_the_others_from_being_told() throws IOException {
        ClientWatch watch = own();
        for (int i = 0; i < 4; i++) {
            watch.watch(client(OTHER), () -> false, how -> {
                throw new IllegalStateException("planted");
            });
        }
        watch(watch);
        table(row(CLIENT, "08", 7), row(OTHER, "08", 8));

        watch.look();

        assertThat(told).hasSize(1);
        assertThat(watch.size()).isZero();
    }

    @Test
    void unix_socket_is_not_watched() {
        ClientWatch watch = own();

        watch.watch(new ClientAddress("/run/keyway.sock", 0, "@", 0), () -> false, told::add)
                .close();

        assertThat(watch.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nobody_is_watched_when_it_is_off(boolean ownServer) {
        try (ClientWatch watch = ClientWatch.start(new WatchOptions(WatchOptions.Clients.OFF), ownServer)) {
            watch(watch);

            assertThat(watch.size()).isZero();
        }
    }
}
