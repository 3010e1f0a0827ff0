package dev.keyway.stream;

import org.jspecify.annotations.Nullable;

/**
 * What an answer has said about itself so far, as far as its end needs it; a null was not said.
 *
 * @param id the answer's own id
 * @param created when it was made, seconds since 1970
 * @param model the model that answers
 * @param sequenceNumber the last {@code sequence_number}; -1 when there was none
 * @param ended whether the answer said that it is over: {@code [DONE]}, {@code message_stop}, {@code
 *     response.completed}, {@code .incomplete} or {@code .failed}, or an error event; a whole answer: its last brace
 */
public record SeenIds(
        @Nullable String id,
        @Nullable Long created,
        @Nullable String model,
        long sequenceNumber,
        boolean ended) {
    /** Nothing was said. */
    public static final SeenIds NONE = new SeenIds(null, null, null, -1, false);
}
