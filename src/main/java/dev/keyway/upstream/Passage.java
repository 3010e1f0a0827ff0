package dev.keyway.upstream;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How the requests of an endpoint go to the upstream and their answers come back.
 *
 * @param path of the upstream after its base URL, such as {@code /chat/completions}; null: that of the request
 * @param answers puts something between the run and the client that makes another answer of what the upstream says
 */
public record Passage(@Nullable String path, UnaryOperator<ClientSide> answers) {
    /** Both as they come. */
    public static final Passage STRAIGHT = new Passage(null, client -> client);
}
