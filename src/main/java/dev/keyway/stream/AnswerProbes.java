package dev.keyway.stream;

import org.jspecify.annotations.Nullable;

/** Makes the probe that tells an answer from an error in a 200. */
public final class AnswerProbes {
    private AnswerProbes() {}

    /**
     * A probe for one answer. White space and SSE comments at the beginning decide nothing; a body with nothing else, an
     * HTML page and JSON that is broken before it said anything are no answer, any other body is one.
     *
     * @param contentType the answer's header; null when it was not sent. Only a hint: the first bytes decide.
     */
    public static AnswerProbe of(@Nullable String contentType) {
        return new OpeningProbe(contentType);
    }
}
