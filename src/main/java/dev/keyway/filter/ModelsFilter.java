package dev.keyway.filter;

import dev.keyway.exchange.Client;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;

/**
 * Refuses with 403 what a client of some models only may not ask for: {@code server.access_keys[].models}.
 *
 * <p>Stands behind the filters that write the model, and reads all {@link NamedModels}.
 */
public final class ModelsFilter implements RequestFilter {
    @Override
    public UpstreamRequest apply(UpstreamRequest request) {
        Client client = request.client();
        if (client.models().restrict() && request.body() instanceof RequestBody.Json json) {
            new NamedModels(
                            client.models()::permit,
                            model -> refused(client, "not \"" + model + "\""),
                            why -> refused(client, why))
                    .check(json.json());
        }
        return request;
    }

    private static ApiException refused(Client client, String why) {
        return new ApiException(
                ErrorCode.PERMISSION,
                "The client \"" + client.name() + "\" may use some models only, " + why + "; allowed: "
                        + client.models().text());
    }
}
