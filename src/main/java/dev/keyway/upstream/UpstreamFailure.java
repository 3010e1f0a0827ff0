package dev.keyway.upstream;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Why an attempt brought no answer: one word for the log and the error the client gets.
 *
 * @param reason {@code connect_failed}, {@code dns_failed}, {@code tls_failed}, {@code timeout}, {@code busy} …
 */
record UpstreamFailure(String reason, ApiException error) {
    private static final String SHOULD_RETRY = "x-should-retry";

    /** A clock ran out before the first byte; {@code sent}: the upstream may be working on the request. */
    static UpstreamFailure timeout(String what, boolean sent) {
        return new UpstreamFailure(
                "timeout",
                new ApiException(ErrorCode.TIMEOUT, "The upstream did not answer in time: " + what)
                        .withHeader(SHOULD_RETRY, sent ? "false" : "true"));
    }

    /** The TLS handshake did not end in time; nothing was sent. */
    static UpstreamFailure stalledHandshake(String host, String limit) {
        return tls("the TLS handshake with " + host + " did not end within " + limit, null);
    }

    /**
     * What a failure of the HTTP client means.
     *
     * @param handshaking whether it failed between the connection and the end of the TLS handshake
     * @param sent whether the head of the request may have left before it failed
     */
    static UpstreamFailure of(Throwable failure, String host, boolean handshaking, boolean sent) {
        if (failure instanceof RejectedExecutionException) {
            return new UpstreamFailure(
                    "busy",
                    new ApiException(ErrorCode.UNAVAILABLE, "No connection to the upstream is free; try again shortly")
                            .withHeader("Retry-After", "1"));
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
                            .withHeader(SHOULD_RETRY, "true"));
        }
        if (!sent) {
            return notSent("connect_failed", "No connection to the upstream, " + host + ", could be opened", failure);
        }
        return new UpstreamFailure(
                "broken",
                new ApiException(ErrorCode.UPSTREAM, "The upstream closed the connection before it answered", failure)
                        .withHeader(SHOULD_RETRY, "false"));
    }

    /** A 200 came whose body is none; the upstream may have worked on the request all the same. */
    static UpstreamFailure noAnswer(String what) {
        return new UpstreamFailure(
                "no_answer",
                new ApiException(ErrorCode.UPSTREAM, "The upstream answered 200 with " + what)
                        .withHeader(SHOULD_RETRY, "false"));
    }

    private static UpstreamFailure notSent(String reason, String message, Throwable cause) {
        return new UpstreamFailure(
                reason, new ApiException(ErrorCode.UPSTREAM, message, cause).withHeader(SHOULD_RETRY, "true"));
    }

    private static UpstreamFailure tls(String what, @Nullable Throwable cause) {
        return new UpstreamFailure(
                "tls_failed",
                new ApiException(ErrorCode.UPSTREAM, "No secure connection to the upstream: " + what, cause)
                        .withHeader(SHOULD_RETRY, "true"));
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
