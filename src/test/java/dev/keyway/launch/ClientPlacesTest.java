package dev.keyway.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClientPlacesTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE);
    private final ClientPlaces places = new ClientPlaces(nanos::get);
    private final List<SocketChannel> channels = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
    }

    private void enter(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            SocketChannel channel = SocketChannel.open();
            channels.add(channel);
            places.await();
            places.onAccepting(channel);
            places.onAccepted(channel);
        }
    }

    @Test
    void two_files_for_each_client_are_left_beside_those_open_and_a_reserve() throws Exception {
        places.limit(256, 50);
        enter(87);
        assertThat(places.failure()).isEmpty();

        Thread acceptor = new Thread(places::await);
        acceptor.start();

        await().atMost(SOON).until(() -> !places.failure().isEmpty());
        assertThat(places.failure()).isEqualTo("all 87 places that the limit of open files allows are taken");
        assertThat(acceptor.isAlive()).isTrue();

        places.onClosed(channels.get(0));
        acceptor.join(SOON.toMillis());

        assertThat(acceptor.isAlive()).describedAs("one left, so one may enter").isFalse();
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        assertThat(places.failure()).describedAs("it is still nearly full").isNotEmpty();
        channels.subList(1, 12).forEach(places::onClosed);
        assertThat(places.failure()).isEmpty();
    }

    @Test
    void without_a_limit_nobody_waits() throws IOException {
        enter(500);

        assertThat(places.failure()).isEmpty();
    }

    @Test
    void a_limit_that_leaves_nothing_leaves_eight() throws IOException {
        places.limit(60, 59);

        enter(8);

        assertThat(places.failure()).isEmpty();
    }

    @Test
    void a_connection_that_fails_before_it_is_one_gives_its_place_back() throws Exception {
        places.limit(60, 59);
        enter(8);
        Thread acceptor = new Thread(places::await);
        acceptor.start();

        places.onAcceptFailed(channels.get(3), new IOException("reset"));
        acceptor.join(SOON.toMillis());

        assertThat(acceptor.isAlive()).isFalse();
    }

    @Test
    void a_refusal_of_the_system_is_a_fault_until_a_second_has_gone_well() throws Exception {
        enter(2);

        places.refused(new IOException("Too many open files"));
        assertThat(places.failure()).isEqualTo("Too many open files");

        nanos.addAndGet(Duration.ofMillis(999).toNanos());
        assertThat(places.failure()).isNotEmpty();
        nanos.addAndGet(Duration.ofMillis(1).toNanos());
        assertThat(places.failure()).isEmpty();
    }
}
