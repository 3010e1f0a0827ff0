package dev.keyway.exchange;

/**
 * Which OpenRouter API a path belongs to, as far as it changes what Keyway does with the request.
 *
 * <p>Paths are those after the prefix {@code /v1} or {@code /api/v1}, only for {@code POST}.
 */
public enum Api {
    CHAT("/chat/completions", true, true),
    COMPLETIONS("/completions", true, true),
    RESPONSES("/responses", true, true),
    MESSAGES("/messages", true, true),
    EMBEDDINGS("/embeddings", true, false),
    RERANK("/rerank", true, false),
    IMAGES("/images", true, false),
    SPEECH("/audio/speech", true, false),
    VIDEOS("/videos", true, false),
    OTHER("", false, false);

    private final String path;
    private final boolean rewritten;
    private final boolean takesTags;

    Api(String path, boolean rewritten, boolean takesTags) {
        this.path = path;
        this.rewritten = rewritten;
        this.takesTags = takesTags;
    }

    /** Chat under another path, whole and as a stream; see {@code dev.keyway.inference}. */
    public static final String INFERENCE = "/inference";

    public static final String INFERENCE_STREAM = "/inference/stream";

    /** The API of a request; {@link #OTHER} for everything that is relayed as it is. */
    public static Api of(String method, String path) {
        if (method.equals("POST")) {
            for (Api api : values()) {
                if (api.rewritten && api.path.equals(path)) {
                    return api;
                }
            }
            if (path.equals(INFERENCE) || path.equals(INFERENCE_STREAM)) {
                return CHAT;
            }
        }
        return OTHER;
    }

    /** The path after the prefix, such as {@code /chat/completions}. */
    public String path() {
        return path;
    }

    /** Whether the body is JSON that is read whole, checked and may be rewritten. */
    public boolean rewritten() {
        return rewritten;
    }

    /** Whether {@code $tags} in the model string mean something here. */
    public boolean takesTags() {
        return takesTags;
    }
}
