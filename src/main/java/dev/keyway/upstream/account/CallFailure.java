package dev.keyway.upstream.account;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why a call of Keyway's own brought no answer, in one word. */
final class CallFailure {
    static final String TIMEOUT = "timeout";
    static final String BUSY = "busy";

    private CallFailure() {}

    static String reason(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TimeoutException || cause instanceof SocketTimeoutException) {
                return TIMEOUT;
            }
            if (cause instanceof UnknownHostException) {
                return "dns_failed";
            }
            if (cause instanceof SSLException) {
                return "tls_failed";
            }
            if (cause instanceof ConnectException) {
                return "connect_failed";
            }
            if (cause instanceof RejectedExecutionException) {
                return BUSY;
            }
        }
        return "broken";
    }
}
