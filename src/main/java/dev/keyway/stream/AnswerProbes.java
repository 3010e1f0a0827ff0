package dev.keyway.stream;

import org.jspecify.annotations.Nullable;

/** Makes the probe that tells an answer from an error in a 200. */
public final class AnswerProbes {
    private AnswerProbes() {}

    /**
     * A probe for one answer. White space and SSE comments at the beginning decide nothing; a body that is neither JSON
     * nor an event stream, an empty one too, is an answer.
     *
     * @param contentType the answer's header; null when it was not sent. Only a hint: the first bytes decide.
     */
    public static AnswerProbe of(@Nullable String contentType) {
        return new OpeningProbe(contentType);
    }
}
