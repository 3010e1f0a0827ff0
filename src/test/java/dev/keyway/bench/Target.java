package dev.keyway.bench;

import java.nio.charset.StandardCharsets;

/**
 * One server to be measured, running.
 *
 * @param name as it stands in the tables
 * @param path where it takes a chat completion
 * @param bearer the credential it wants
 * @param model the model to ask it for, tags included
 * @param pid the process whose CPU time and memory count
 */
record Target(String name, int port, String path, String bearer, String model, long pid) {
    /** A JSON body of about {@code size} bytes. */
    String body(boolean stream, int size) {
        String start = "{\"model\":\"" + model + "\",\"stream\":" + stream
                + ",\"temperature\":0.7,\"max_tokens\":2048,\"messages\":[{\"role\":\"user\",\"content\":\"";
        String end = "\"}]}";
        return start + "a".repeat(size - start.length() - end.length()) + end;
    }

    /** Head and body of a request for a stream with an event each {@code intervalMillis}. */
    byte[] streamRequest(int intervalMillis, int bodySize) {
        String body = body(true, bodySize);
        return (head(body.length()) + "X-Bench-Interval: " + intervalMillis + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** The head of a POST without the empty line after it. */
    String head(int contentLength) {
        return "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                + "\r\nContent-Type: application/json\r\nAccept: */*\r\nAuthorization: Bearer " + bearer
                + "\r\nContent-Length: " + contentLength + "\r\n";
    }
}
