package dev.keyway.inference;

/**
 * The settings of the inference routes.
 *
 * @param maxBody {@code inference.max_body}: bytes of a request body, decoded
 * @param maxAnswer {@code inference.max_answer}: bytes of a whole answer that are held to be shaped
 */
public record InferenceOptions(long maxBody, long maxAnswer) {
    private static final long MB = 1024 * 1024;

    public static final InferenceOptions DEFAULTS = new InferenceOptions(10 * MB, 10 * MB);
}
