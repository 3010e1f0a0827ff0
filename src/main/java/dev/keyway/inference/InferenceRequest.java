package dev.keyway.inference;

import com.fasterxml.jackson.databind.node.BooleanNode;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.filter.RequestFilter;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.JsonBody;

/**
 * Makes a chat request of an inference request: checked as a whole, and asking for a stream or not as the route says,
 * whatever stands there. What OpenRouter knows beyond that passes.
 *
 * @param stream what {@code stream} becomes
 */
record InferenceRequest(boolean stream) implements RequestFilter {
    /** @throws ApiException 400 that names all members that are wrong */
    @Override
    public UpstreamRequest apply(UpstreamRequest request) {
        if (!(request.body() instanceof RequestBody.Json json)) {
            throw new ApiException(ErrorCode.VALIDATION, "The request needs a JSON body");
        }
        JsonBody body = json.json();
        InferenceFields.check(body);
        return request.withBody(new RequestBody.Json(body.with("stream", BooleanNode.valueOf(stream))));
    }
}
