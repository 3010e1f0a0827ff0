package dev.keyway.app;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests whose end another HTTP program could see elsewhere, where a servlet container lets them through: a
 * {@code Transfer-Encoding} that is not exactly one {@code chunked}, one beside a {@code Content-Length}, one in
 * HTTP/1.0 (RFC 9112 §6.1). What follows on such a connection can't be trusted, so it is closed.
 */
final class Framing {
    private Framing() {}

    /** @throws ApiException 400, with {@code Connection: close} */
    static void check(HttpServletRequest request) {
        Enumeration<String> codings = request.getHeaders("Transfer-Encoding");
        if (!codings.hasMoreElements()) {
            return;
        }
        String problem = problem(request, codings);
        if (problem != null) {
            throw new ApiException(ErrorCode.VALIDATION, problem).withHeader("Connection", "close");
        }
    }

    private static @Nullable String problem(HttpServletRequest request, Enumeration<String> codings) {
        if (!codings.nextElement().strip().equalsIgnoreCase("chunked") || codings.hasMoreElements()) {
            return "Transfer-Encoding must be a single 'chunked', no other coding is supported";
        }
        if (request.getHeader("Content-Length") != null) {
            return "A request must not have both Content-Length and Transfer-Encoding";
        }
        return request.getProtocol().equals("HTTP/1.1") ? null : "Transfer-Encoding needs HTTP/1.1";
    }
}
