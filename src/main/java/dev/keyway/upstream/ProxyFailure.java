package dev.keyway.upstream;

import dev.keyway.upstream.ProxyTunnel.LoginRefusedException;
import dev.keyway.upstream.RetryPolicy.Loss;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.HttpResponseException;
import org.jspecify.annotations.Nullable;

/** Why no tunnel through the outgoing proxy came about; nothing was sent, and no key has to do with it. */
final class ProxyFailure {
    /** What proxies say to a CONNECT without the right user and password; tinyproxy says 401 to wrong ones. */
    private static final Set<Integer> LOGIN_REQUIRED = Set.of(401, 407);

    private ProxyFailure() {}

    static UpstreamFailure of(Throwable failure, OutgoingProxyOptions proxy, String upstream) {
        String who = "The outgoing proxy, " + proxy.address() + ", ";
        if (failure instanceof SocketTimeoutException || failure instanceof TimeoutException) {
            return failed(
                    "proxy_timeout", ErrorCode.TIMEOUT, who + "opened no connection within the time allowed", null);
        }
        if (failure instanceof ConnectException
                || failure instanceof NoRouteToHostException
                || failure instanceof UnknownHostException
                || failure instanceof UnresolvedAddressException) {
            return failed("proxy_unreachable", ErrorCode.UPSTREAM, who + "could not be reached", failure);
        }
        int status = failure instanceof HttpResponseException answer
                ? answer.getResponse().getStatus()
                : 0;
        if (failure instanceof LoginRefusedException || LOGIN_REQUIRED.contains(status)) {
            return failed(
                    "proxy_login",
                    ErrorCode.UPSTREAM,
                    who + "did not take user and password of requestProxy.url"
                            + (proxy.login() == null ? ": none" : ""),
                    failure);
        }
        return failed(
                "proxy_refused",
                ErrorCode.UPSTREAM,
                who + "opened no connection to the upstream, " + upstream + reason(failure, status),
                failure);
    }

    private static String reason(Throwable failure, int status) {
        String message = String.valueOf(failure.getMessage());
        if (status != 0) {
            return ": it answered " + status;
        }
        // Jetty's own words for what the proxy said, such as "SOCKS5 host unreachable".
        return message.contains("SOCKS5") ? ": " + message : "";
    }

    private static UpstreamFailure failed(String reason, ErrorCode code, String message, @Nullable Throwable cause) {
        ApiException error = cause == null ? new ApiException(code, message) : new ApiException(code, message, cause);
        return new UpstreamFailure(reason, error.withHeader(UpstreamFailure.SHOULD_RETRY, "true"), Loss.NOT_SENT, true);
    }
}
