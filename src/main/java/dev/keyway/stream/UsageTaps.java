package dev.keyway.stream;

import dev.keyway.exchange.Api;
import org.jspecify.annotations.Nullable;

/** Makes the tap that reads an answer's usage. */
public final class UsageTaps {
    private UsageTaps() {}

    /**
     * A tap for one answer.
     *
     * @param contentType the answer's header; null when it was not sent. Only a hint: the first bytes decide.
     */
    public static UsageTap of(Api api, @Nullable String contentType) {
        return new UsageTap(api, contentType);
    }
}
