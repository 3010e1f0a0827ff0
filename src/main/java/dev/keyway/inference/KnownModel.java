package dev.keyway.inference;

import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.filter.RequestFilter;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.util.function.Predicate;

/**
 * Refuses a model that OpenRouter does not have, before OpenRouter is asked. Stands behind the chain, where aliases are
 * replaced and tags are gone. A request that says which {@code modalities} it wants is not judged: the list has only models
 * that write text.
 *
 * @param isKnown true also when nobody knows which models there are
 */
record KnownModel(Predicate<String> isKnown) implements RequestFilter {
    private static final int SHOWN = 100;

    /** @throws ApiException 400 that names the model as the client wrote it */
    @Override
    public UpstreamRequest apply(UpstreamRequest request) {
        String model =
                request.body() instanceof RequestBody.Json json && !json.json().has("modalities")
                        ? json.json().text("model")
                        : null;
        if (model != null && !isKnown.test(model)) {
            String asked = String.valueOf(request.modelAsked() == null ? model : request.modelAsked());
            String shown = asked.length() <= SHOWN ? asked : asked.substring(0, SHOWN) + "…";
            throw new ApiException(ErrorCode.VALIDATION, "Model '" + shown + "' not found or not supported");
        }
        return request;
    }
}
