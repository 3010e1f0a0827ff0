package dev.keyway.seeds;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One request as its client puts it on the wire.
 *
 * @param headers lines, those that the client adds by itself included, but for {@code Host} and {@code Content-Length}
 * @param body empty for none
 */
record HttpCall(String method, URI url, List<String> headers, String body) {
    HttpCall {
        headers = List.copyOf(headers);
    }

    HttpCall with(String header) {
        List<String> more = new ArrayList<>(headers);
        more.add(header);
        return new HttpCall(method, url, more, body);
    }

    HttpCall withBody(String other) {
        return new HttpCall(method, url, headers, other);
    }

    /** The bytes for a server at this authority, whatever the URL's own is. */
    byte[] bytes(String authority) {
        StringBuilder text = new StringBuilder(method + " " + url.getRawPath());
        if (url.getRawQuery() != null) {
            text.append('?').append(url.getRawQuery());
        }
        text.append(" HTTP/1.1\r\nHost: ").append(authority).append("\r\n");
        headers.forEach(line -> text.append(line).append("\r\n"));
        if (!body.isEmpty()) {
            text.append("Content-Length: ")
                    .append(body.getBytes(StandardCharsets.UTF_8).length)
                    .append("\r\n");
        }
        return text.append("\r\n").append(body).toString().getBytes(StandardCharsets.UTF_8);
    }
}
