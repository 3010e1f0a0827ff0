package dev.keyway.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventClientTest {
    private static final EventClient.Phases SHORT =
            new EventClient.Phases(Duration.ofMillis(100), Duration.ofMillis(100), Duration.ofMillis(1000));

    private LoadUpstream upstream;
    private Thread serving;

    @BeforeEach
    void listen() throws IOException {
        upstream = LoadUpstream.listening(0);
        serving = new Thread(this::serve);
        serving.start();
    }

    private void serve() {
        try {
            upstream.serve();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void close() throws IOException, InterruptedException {
        upstream.close();
        serving.join();
    }

    private Target target() {
        return new Target(Servers.DIRECT, upstream.port(), Servers.CHAT, "key", "model", 1);
    }

    private EventClient.Seen run(int streams, Runnable atBegin) throws IOException {
        EventClient client = new EventClient(upstream.port(), target().streamRequest(100, 1024));
        return client.run(streams, SHORT, new EventClient.Window() {
            @Override
            public void begins() {
                atBegin.run();
            }

            @Override
            public void ends() {}
        });
    }

    @Test
    void every_event_of_every_stream_is_seen_with_its_delay() throws IOException {
        EventClient.Seen seen = run(20, () -> {});

        assertThat(seen.failures()).isZero();
        assertThat(seen.firstEvents().count()).isEqualTo(20);
        assertThat(seen.delays().count()).isBetween(100, 300);
        assertThat(seen.delays().percentile(0)).isGreaterThanOrEqualTo(0);
    }

    @Test
    void a_stream_that_breaks_off_is_a_failure() throws IOException {
        EventClient.Seen seen = run(20, () -> {
            try {
                upstream.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        assertThat(seen.failures()).isEqualTo(20);
    }

    @Test
    void a_time_is_found_wherever_it_is_cut_and_wherever_a_chunk_ends() {
        ClientStream stream = new ClientStream(null);
        List<Long> times = new ArrayList<>();
        for (byte next : "HTTP/1.1 200 OK\r\n\r\n5\r\n@1234\r\nf\r\n567890123456789\r\n2\r\nab\r\n@"
                .getBytes(StandardCharsets.US_ASCII)) {
            stream.take(next);
            if (stream.hasEvent()) {
                times.add(stream.eventNanos());
            }
        }

        assertThat(times).containsExactly(1234567890123456789L);
        assertThat(stream.isRefused()).isFalse();
    }

    @Test
    void another_status_is_a_refusal() {
        ClientStream stream = new ClientStream(null);
        for (byte next : "HTTP/1.1 503 No".getBytes(StandardCharsets.US_ASCII)) {
            stream.take(next);
        }

        assertThat(stream.isRefused()).isTrue();
    }

    @Test
    void a_large_body_is_answered_when_it_has_come_whole() {
        byte[] body = target().body(false, 3_000_000).getBytes(StandardCharsets.US_ASCII);

        assertThat(body).hasSize(3_000_000);
        assertThatNoException().isThrownBy(() -> FirstAnswer.post(target(), body));
    }
}
