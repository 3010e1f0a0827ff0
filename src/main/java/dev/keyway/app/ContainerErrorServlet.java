package dev.keyway.app;

import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.OwnHeaders;
import dev.keyway.exchange.RequestId;
import dev.keyway.upstream.UpstreamServlet;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorBody;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * The page that {@code web.xml} names for errors a container raises within the context by itself, such as a path below
 * {@code WEB-INF}: in Keyway's one shape in place of the container's HTML. Asked for directly it is not there.
 */
final class ContainerErrorServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    /** Stands in {@code web.xml} too. */
    static final String PATH = "/container-error";

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (response.isCommitted()) {
            // An answer that was broken off: Tomcat includes the page, what it wrote would stand at the answer's end.
            return;
        }
        String method = request.getMethod();
        if (request.getDispatcherType() != DispatcherType.ERROR) {
            throw new ApiException(
                    ErrorCode.NOT_FOUND, "Route " + method + " " + Paths.withinContext(request) + " not found");
        }
        Object given = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        boolean unreadable = request.getAttribute(UpstreamServlet.UNREADABLE) != null;
        int status = unreadable
                ? HttpServletResponse.SC_BAD_REQUEST
                : given instanceof Integer number ? number : HttpServletResponse.SC_INTERNAL_SERVER_ERROR;
        RequestId id = request.getAttribute(Exchange.ATTRIBUTE) instanceof Exchange exchange
                ? exchange.id()
                : RequestId.of(request.getHeader(RequestId.HEADER));
        ErrorCode nearest = ErrorCode.nearest(status);
        byte[] body = ErrorBody.json(status, nearest.type(), message(request, status), id.value());
        response.setStatus(status);
        response.setHeader("Server", OwnHeaders.SERVER);
        response.setHeader(RequestId.HEADER, id.value());
        OwnHeaders.protectError(response);
        response.setContentType(ErrorBody.CONTENT_TYPE);
        response.setContentLength(body.length);
        if (!method.equals("HEAD")) {
            response.getOutputStream().write(body);
        }
    }

    private static String message(HttpServletRequest request, int status) {
        if (request.getAttribute(UpstreamServlet.UNREADABLE) != null) {
            return "The request body is malformed HTTP";
        }
        Object uri = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        String path = uri instanceof String text ? Paths.withoutContext(text, request.getContextPath()) : "";
        return status == HttpServletResponse.SC_NOT_FOUND
                ? "Route " + request.getMethod() + " " + path + " not found"
                : "The server refused this request: status " + status;
    }
}
