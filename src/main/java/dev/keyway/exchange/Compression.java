package dev.keyway.exchange;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/**
 * Compresses what Keyway says itself, where it is long enough and the client can read it; never the upstream's answers,
 * whose bytes are relayed as they come, and no event stream, whose events would wait in a compressor.
 *
 * <p>It is done here and not by the server, so that it is the same in every container and no server has to tell the one
 * kind of JSON from the other. A server or proxy that compresses leaves what has a {@code Content-Encoding} as it is.
 */
public final class Compression {
    /** Bytes that are worth it; less fits a network packet or two as it is. */
    public static final int LEAST = 1024;

    private Compression() {}

    /**
     * What to send of a body that is known whole: sets {@code Content-Encoding} when it was compressed, and {@code Vary}
     * when it could have been.
     */
    public static byte[] of(HttpServletRequest request, HttpServletResponse response, byte[] body) {
        if (body.length < LEAST) {
            return body;
        }
        return announce(request, response) ? gzip(body) : body;
    }

    /** Sets the headers of an answer that can be had compressed; whether this client is to get it so. */
    public static boolean announce(HttpServletRequest request, HttpServletResponse response) {
        response.addHeader("Vary", "Accept-Encoding");
        boolean coded = accepts(request);
        if (coded) {
            response.setHeader("Content-Encoding", "gzip");
        }
        return coded;
    }

    /** The body compressed. */
    public static byte[] gzip(byte[] body) {
        ByteArrayOutputStream coded = new ByteArrayOutputStream(body.length / 4);
        try (GZIPOutputStream gzip = new GZIPOutputStream(coded)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return coded.toByteArray();
    }

    /** Whether a client reads gzip: it is named, or everything is, and not with the weight 0. RFC 9110 §12.5.3. */
    static boolean accepts(HttpServletRequest request) {
        boolean any = false;
        for (String field : Collections.list(request.getHeaders("Accept-Encoding"))) {
            for (String coding : field.toLowerCase(Locale.ROOT).split(",", -1)) {
                String[] parts = coding.split(";", 2);
                boolean wanted = parts.length == 1 || !isZero(parts[1]);
                String name = parts[0].strip();
                if (name.equals("gzip") || name.equals("x-gzip")) {
                    return wanted;
                }
                any |= name.equals("*") && wanted;
            }
        }
        return any;
    }

    private static boolean isZero(String weight) {
        return weight.strip().matches("q\\s*=\\s*0(\\.0{0,3})?");
    }
}
