package dev.keyway.app;

import dev.keyway.exchange.Compression;
import dev.keyway.exchange.Exchange;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.Secret;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** Answers {@code GET} and {@code HEAD} {@value #PATH}: the description of Keyway's own surface, OpenAPI 3.1. */
final class OpenApiServlet extends HttpServlet {
    static final String PATH = "/openapi.yaml";

    /** RFC 9512. */
    private static final String CONTENT_TYPE = "application/yaml";

    private static final long serialVersionUID = 1L;
    private static final String RESOURCE = "openapi.yaml";
    private static final int TAG_DIGITS = 16;
    private static final String METHODS = "GET, HEAD";

    private final byte[] plain;
    private final byte[] coded;
    private final String hash;

    OpenApiServlet() {
        this.plain = read();
        this.coded = Compression.gzip(plain);
        this.hash = HexFormat.of()
                .formatHex(Secret.sha256(new String(plain, StandardCharsets.UTF_8)))
                .substring(0, TAG_DIGITS);
    }

    private static byte[] read() {
        try (InputStream in = Objects.requireNonNull(
                OpenApiServlet.class.getResourceAsStream(RESOURCE), "the build puts it beside this class")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws ApiException 405 for every method but GET and HEAD */
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String method = request.getMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            throw new ApiException(
                            ErrorCode.METHOD_NOT_ALLOWED,
                            "Method " + method + " is not allowed here; allowed: " + METHODS)
                    .withHeader("Allow", METHODS);
        }
        boolean compressed = Compression.announce(request, response);
        byte[] body = compressed ? coded : plain;
        response.setHeader("ETag", tag(compressed));
        // To be kept and asked about: a new version of Keyway has another one.
        response.setHeader("Cache-Control", "no-cache");
        if (isKnown(request)) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return;
        }
        response.setContentType(CONTENT_TYPE);
        if (method.equals("HEAD")) {
            response.setContentLength(body.length);
        } else {
            response.getOutputStream().write(body);
            ((Exchange) request.getAttribute(Exchange.ATTRIBUTE)).written(body.length);
        }
    }

    /** Another one for each form, as a cache must not put one together with the other's headers. */
    private String tag(boolean compressed) {
        return compressed ? "\"" + hash + "-gzip\"" : "\"" + hash + "\"";
    }

    private boolean isKnown(HttpServletRequest request) {
        List<String> known = List.of("*", tag(false), tag(true));
        for (String field : Collections.list(request.getHeaders("If-None-Match"))) {
            for (String tag : field.split(",", -1)) {
                String bare = tag.strip();
                if (known.contains(bare.startsWith("W/") ? bare.substring(2) : bare)) {
                    return true;
                }
            }
        }
        return false;
    }
}
