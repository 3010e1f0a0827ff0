package dev.keyway.upstream;

import dev.keyway.upstream.RetryPolicy.Loss;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.WritePendingException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Why an attempt brought no answer: one word for the log and the error the client gets.
 *
 * @param reason {@code connect_failed}, {@code dns_failed}, {@code tls_failed}, {@code timeout}, {@code busy}, {@code no_files} …
 * @param loss whether it can be sent again
 * @param outage whether it is a sign that nobody is there
 */
record UpstreamFailure(String reason, ApiException error, Loss loss, boolean outage) {
    static final String SHOULD_RETRY = "x-should-retry";

    /** A clock ran out before the status line. */
    static UpstreamFailure timeout(String what, Sent sent) {
        return new UpstreamFailure(
                "timeout",
                new ApiException(ErrorCode.TIMEOUT, "The upstream did not answer in time: " + what)
                        .withHeader(SHOULD_RETRY, sent.mayBeResent()),
                sent.loss(),
                true);
    }

    /** A clock ran out behind the head, before anything was told; {@code stream}: of an event stream without an event. */
    static UpstreamFailure stalled(String what, boolean stream) {
        return new UpstreamFailure(
                "timeout",
                new ApiException(ErrorCode.TIMEOUT, "The upstream did not answer in time: " + what)
                        .withHeader(SHOULD_RETRY, "false"),
                stream ? Loss.EMPTY_STREAM : Loss.FINAL,
                false);
    }

    /** How much of the request may have reached the upstream. */
    enum Sent {
        NOTHING,
        PART,
        WHOLE;

        private Loss loss() {
            return switch (this) {
                case NOTHING -> Loss.NOT_SENT;
                case PART -> Loss.CUT_SENDING;
                case WHOLE -> Loss.AMBIGUOUS;
            };
        }

        private String mayBeResent() {
            return this == NOTHING ? "true" : "false";
        }
    }

    /** What a client is told while the circuit is open. */
    static ApiException circuitOpen(Duration retryAfter) {
        long seconds = Math.max(1, retryAfter.plusNanos(999_999_999).toSeconds());
        return new ApiException(
                        ErrorCode.UNAVAILABLE,
                        "The upstream does not answer, so it is not asked for a moment; try again shortly")
                .withHeader("Retry-After", Long.toString(seconds));
    }

    /** The same failure, of a 200 of which nothing but its head had come. */
    UpstreamFailure behindTheHead(boolean stream) {
        return new UpstreamFailure(reason, error, stream ? Loss.EMPTY_STREAM : Loss.FINAL, false);
    }

    /** The TLS handshake did not end in time; nothing was sent. */
    static UpstreamFailure stalledHandshake(String host, String limit) {
        return tls("the TLS handshake with " + host + " did not end within " + limit, null);
    }

    /**
     * What a failure of the HTTP client means.
     *
     * @param handshaking whether it failed between the connection and the end of the TLS handshake
     * @param proxy the one that has not opened a connection yet; null: there is none, or it has
     */
    static UpstreamFailure of(
            Throwable failure, String host, boolean handshaking, Sent so, @Nullable OutgoingProxyOptions proxy) {
        boolean sent = so != Sent.NOTHING;
        if (failure instanceof RejectedExecutionException) {
            return new UpstreamFailure(
                    "busy",
                    new ApiException(ErrorCode.UNAVAILABLE, "No connection to the upstream is free; try again shortly")
                            .withHeader("Retry-After", "1"),
                    Loss.NOT_SENT,
                    false);
        }
        if (!sent && isOutOfFiles(failure)) {
            return new UpstreamFailure(
                    "no_files",
                    new ApiException(
                                    ErrorCode.UNAVAILABLE,
                                    "Keyway has no file descriptor left for a connection to the upstream; try again"
                                            + " shortly",
                                    failure)
                            .withHeader("Retry-After", "1"),
                    Loss.NOT_SENT,
                    false);
        }
        if (proxy != null) {
            return ProxyFailure.of(failure, proxy, host);
        }
        Throwable tls = find(failure, SSLException.class);
        if (handshaking || (tls != null && !sent)) {
            return tls(tls == null ? "the handshake failed" : tlsReason(tls, host), failure);
        }
        if (find(failure, UnknownHostException.class) != null) {
            return notSent("dns_failed", "The name of the upstream, " + host + ", could not be resolved", failure);
        }
        if (!sent && failure instanceof SocketTimeoutException) {
            return new UpstreamFailure(
                    "connect_timeout",
                    new ApiException(
                                    ErrorCode.TIMEOUT,
                                    "No connection to the upstream, " + host + ", within the time allowed")
                            .withHeader(SHOULD_RETRY, "true"),
                    Loss.NOT_SENT,
                    true);
        }
        if (find(failure, WritePendingException.class) != null) {
            // Jetty hands a tunnel over while the writing of CONNECT has not quite returned, if its proxy is that
            // quick.
            return notSent("connect_failed", "The connection to the upstream, " + host + ", was not ready", failure);
        }
        if (!sent) {
            return notSent("connect_failed", "No connection to the upstream, " + host + ", could be opened", failure);
        }
        return new UpstreamFailure(
                "broken",
                new ApiException(ErrorCode.UPSTREAM, "The upstream closed the connection before it answered", failure)
                        .withHeader(SHOULD_RETRY, so.mayBeResent()),
                so.loss(),
                true);
    }

    /**
     * A 200 came whose body is none; the upstream may have worked on the request all the same, but an event stream
     * without an event is insured.
     */
    static UpstreamFailure noAnswer(String what, boolean stream) {
        return new UpstreamFailure(
                "no_answer",
                new ApiException(ErrorCode.UPSTREAM, "The upstream answered 200 with " + what)
                        .withHeader(SHOULD_RETRY, "false"),
                stream ? Loss.EMPTY_STREAM : Loss.FINAL,
                false);
    }

    private static UpstreamFailure notSent(String reason, String message, Throwable cause) {
        return new UpstreamFailure(
                reason,
                new ApiException(ErrorCode.UPSTREAM, message, cause).withHeader(SHOULD_RETRY, "true"),
                Loss.NOT_SENT,
                true);
    }

    private static UpstreamFailure tls(String what, @Nullable Throwable cause) {
        return new UpstreamFailure(
                "tls_failed",
                new ApiException(ErrorCode.UPSTREAM, "No secure connection to the upstream: " + what, cause)
                        .withHeader(SHOULD_RETRY, "true"),
                Loss.NOT_SENT,
                true);
    }

    private static String tlsReason(Throwable failure, String host) {
        if (find(failure, CertificateExpiredException.class) != null) {
            return "the certificate of " + host + " has expired";
        }
        if (find(failure, CertPathBuilderException.class) != null) {
            return "the certificate of " + host + " is not signed by a trusted authority (see upstream.ca_file)";
        }
        Throwable certificate = find(failure, CertificateException.class);
        if (certificate != null && isAboutTheName(String.valueOf(certificate.getMessage()))) {
            return "the certificate is not for " + host;
        }
        return certificate != null ? "the certificate of " + host + " is not valid" : "the handshake failed";
    }

    private static boolean isAboutTheName(String message) {
        String text = message.toLowerCase(Locale.ROOT);
        return text.contains("subject alternative") || text.contains("no name matching");
    }

    /** Of this process or of the machine: nothing that the upstream has to do with. */
    private static boolean isOutOfFiles(Throwable failure) {
        int depth = 0;
        for (Throwable t = failure; t != null && depth < 20; t = t.getCause(), depth++) {
            if (String.valueOf(t.getMessage()).contains("Too many open files")) {
                return true;
            }
        }
        return false;
    }

    private static <T extends Throwable> @Nullable Throwable find(Throwable failure, Class<T> type) {
        int depth = 0;
        for (Throwable t = failure; t != null && depth < 20; t = t.getCause(), depth++) {
            if (type.isInstance(t)) {
                return t;
            }
        }
        return null;
    }
}
