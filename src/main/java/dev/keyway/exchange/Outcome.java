package dev.keyway.exchange;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything there is to say about a request after its end; told once to each {@link OutcomeListener}.
 *
 * @param client the caller's name; null when it was refused before it was known
 * @param path the path as it came, without query
 * @param modelAsked as the client wrote it; null without one
 * @param key id of the key of the last attempt; null without one
 * @param status the one sent to the client; 0 when it left before one was sent
 * @param bytesIn body bytes read from the client
 * @param bytesOut body bytes written to the client
 * @param failure what went wrong, for the errors log; its message may not go to the client; null when nothing did
 */
public record Outcome(
        RequestId id,
        @Nullable String client,
        String method,
        String path,
        Api api,
        @Nullable String modelAsked,
        Answer answer,
        @Nullable String key,
        List<Attempt> attempts,
        int status,
        boolean stream,
        long bytesIn,
        long bytesOut,
        Ended ended,
        Timings timings,
        @Nullable Throwable failure) {
    public Outcome {
        attempts = List.copyOf(attempts);
    }

    /** How a request came to its end. */
    public enum Ended {
        /** The whole answer reached the client, an upstream error told verbatim included. */
        COMPLETE,
        /** The client closed its connection first. */
        CLIENT_GONE,
        /** The upstream broke off after its first byte had reached the client. */
        UPSTREAM_BROKEN,
        /** Keyway answered with an error of its own. */
        ERROR
    }
}
