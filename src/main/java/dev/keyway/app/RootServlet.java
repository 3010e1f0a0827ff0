package dev.keyway.app;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.exchange.Exchange;
import dev.keyway.observe.Redactor;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorBody;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Answers {@code GET /} with what this is and where to go on; every path that is nobody's with 404. */
final class RootServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private final String version;

    RootServlet(String version) {
        this.version = version;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = Paths.withinContext(request);
        String method = request.getMethod();
        if (!path.equals("/")) {
            throw new ApiException(ErrorCode.NOT_FOUND, "Route " + method + " " + Redactor.redact(path) + " not found");
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            throw new ApiException(
                            ErrorCode.METHOD_NOT_ALLOWED,
                            "Method " + method + " is not allowed here; allowed: GET, HEAD")
                    .withHeader("Allow", "GET, HEAD");
        }
        ObjectNode about = JsonNodeFactory.instance.objectNode();
        about.put("name", "Keyway");
        about.put("version", version);
        about.put("docs", "README.md beside keyway.war; the API is OpenRouter's: https://openrouter.ai/docs");
        about.put("health", request.getContextPath() + "/health");
        byte[] body = about.toString().getBytes(StandardCharsets.UTF_8);
        response.setContentType(ErrorBody.CONTENT_TYPE);
        if (method.equals("HEAD")) {
            response.setContentLength(body.length);
        } else {
            response.getOutputStream().write(body);
            ((Exchange) request.getAttribute(Exchange.ATTRIBUTE)).written(body.length);
        }
    }
}
