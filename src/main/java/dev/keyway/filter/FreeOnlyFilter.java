package dev.keyway.filter;

import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.util.function.Predicate;

/**
 * Refuses with 403 what is not known to be free: {@code openrouter.free_only_enforce}. Reads all {@link NamedModels}; a
 * body that is not read, such as an upload to {@code /audio/transcriptions}, may name any and is refused too.
 */
public final class FreeOnlyFilter implements RequestFilter {
    private static final String ONLY = "Proxy is configured for free models only";

    private final boolean enforced;
    private final Predicate<String> free;

    /**
     * One for a configuration.
     *
     * @param enforced whether anything is refused
     * @param free whether a model costs nothing; asked at each request, and must answer at once; false: it can't tell
     */
    public FreeOnlyFilter(boolean enforced, Predicate<String> free) {
        this.enforced = enforced;
        this.free = free;
    }

    @Override
    public UpstreamRequest apply(UpstreamRequest request) {
        if (!enforced) {
            return request;
        }
        if (request.body() instanceof RequestBody.Streamed) {
            throw refused(", and which one is asked for can't be told on this route");
        }
        if (request.body() instanceof RequestBody.Json json) {
            new NamedModels(
                            free,
                            model -> refused(". '" + model + "' is not a valid free model."),
                            why -> refused(": " + why))
                    .check(json.json());
        }
        return request;
    }

    private static ApiException refused(String why) {
        return new ApiException(ErrorCode.PERMISSION, ONLY + why);
    }
}
