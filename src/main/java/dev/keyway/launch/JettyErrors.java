package dev.keyway.launch;

import dev.keyway.exchange.OwnHeaders;
import dev.keyway.exchange.RequestId;
import dev.keyway.wire.ErrorBody;
import dev.keyway.wire.ErrorCode;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Errors that Jetty raises itself, in Keyway's one shape: malformed requests, headers over the limit, an ambiguous path,
 * no route, an exception nobody caught, the drain at a stop. Never HTML, never what an exception says.
 */
final class JettyErrors extends ErrorHandler {
    private static final int RETRY_AFTER_SECONDS = 5;

    @Override
    public boolean errorPageForMethod(String method) {
        return true;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Throwable cause = (Throwable) request.getAttribute(ERROR_EXCEPTION);
        if (cause instanceof HttpException http) {
            response.setStatus(http.getCode());
        }
        int status = response.getStatus();
        RequestId id = requestId(request, response);
        HttpFields.Mutable headers = response.getHeaders();
        headers.remove(HttpHeader.CONTENT_ENCODING);
        headers.remove(HttpHeader.CONTENT_LENGTH);
        setHeaders(headers, status, id);
        headers.put("X-Process-Time", seconds(System.nanoTime() - request.getBeginNanoTime()));
        if (HttpStatus.hasNoBody(status)) {
            callback.succeeded();
        } else {
            byte[] body = ErrorBody.json(
                    status, ErrorCode.nearest(status).type(), message(request, status, cause), id.value());
            response.write(true, ByteBuffer.wrap(body), callback);
        }
        return true;
    }

    /** The application's, when it had put one on the answer before it failed. */
    private static RequestId requestId(Request request, Response response) {
        String given = response.getHeaders().get(RequestId.HEADER);
        return RequestId.of(given == null ? request.getHeaders().get(RequestId.HEADER) : given);
    }

    private static void setHeaders(HttpFields.Mutable headers, int status, RequestId id) {
        headers.put(HttpHeader.SERVER, OwnHeaders.SERVER);
        headers.put(RequestId.HEADER, id.value());
        headers.put(HttpHeader.CONTENT_TYPE, ErrorBody.CONTENT_TYPE);
        headers.put(HttpHeader.CACHE_CONTROL, "no-store");
        OwnHeaders.SAFETY.forEach(header -> headers.put(header.name(), header.value()));
        if (status == HttpStatus.SERVICE_UNAVAILABLE_503) {
            headers.put(HttpHeader.CONNECTION, "close");
            if (!headers.contains(HttpHeader.RETRY_AFTER)) {
                headers.put(HttpHeader.RETRY_AFTER, RETRY_AFTER_SECONDS);
            }
        }
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.3f", nanos / 1e9);
    }

    private static String message(Request request, int status, @Nullable Throwable cause) {
        return switch (status) {
            case HttpStatus.NOT_FOUND_404 ->
                "Route " + request.getMethod() + " " + request.getHttpURI().getPath() + " not found";
            case HttpStatus.SERVICE_UNAVAILABLE_503 -> "Keyway is stopping";
            case HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431 ->
                "request headers are over " + StandaloneServer.MAX_HEADER_BYTES + " bytes";
            default ->
                cause instanceof HttpException http && HttpStatus.isClientError(status) && http.getReason() != null
                        ? http.getReason()
                        : HttpStatus.getMessage(status);
        };
    }
}
