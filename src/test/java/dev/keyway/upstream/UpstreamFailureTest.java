package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.upstream.RetryPolicy.Loss;
import dev.keyway.upstream.UpstreamFailure.Sent;
import dev.keyway.wire.ErrorCode;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.WritePendingException;
import org.junit.jupiter.api.Test;

class UpstreamFailureTest {
    private final IOException noFiles =
            new IOException("Could not connect", new SocketException("Too many open files"));

    /** Symptom: five of them opened the circuit, and clients were told that the upstream did not answer. */
    @Test
    void no_file_descriptor_is_no_outage() {
        UpstreamFailure failure = UpstreamFailure.of(noFiles, "openrouter.ai", false, Sent.NOTHING, null);

        assertThat(failure.outage()).isFalse();
        assertThat(failure.reason()).isEqualTo("no_files");
        assertThat(failure.loss()).isEqualTo(Loss.NOT_SENT);
        assertThat(failure.error().code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(failure.error().headers()).containsEntry("Retry-After", "1");
        assertThat(failure.error().text()).contains("file descriptor");
    }

    @Test
    void what_was_sent_may_have_arrived_whatever_failed_then() {
        UpstreamFailure failure = UpstreamFailure.of(noFiles, "openrouter.ai", false, Sent.WHOLE, null);

        assertThat(failure.loss()).isEqualTo(Loss.AMBIGUOUS);
    }

    /** Symptom: of 90 first requests through a quick HTTP proxy four were told that the connection had been closed. */
    @Test
    void a_connection_that_was_not_ready_has_sent_nothing() {
        UpstreamFailure failure =
                UpstreamFailure.of(new WritePendingException(), "openrouter.ai", false, Sent.WHOLE, null);

        assertThat(failure.loss()).isEqualTo(Loss.NOT_SENT);
        assertThat(failure.reason()).isEqualTo("connect_failed");
        assertThat(failure.error().headers()).containsEntry("x-should-retry", "true");
    }
}
