package dev.keyway.filter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.exchange.Api;
import dev.keyway.exchange.Client;
import dev.keyway.exchange.Credential;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.RequestId;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.wire.JsonText;
import java.util.List;

/** Sends JSON through filters and tells what came out. */
final class FilterTesting {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private FilterTesting() {}

    static UpstreamRequest request(Api api, String json) {
        return request(api, new RequestBody.Json(JsonText.parse(json)));
    }

    static UpstreamRequest request(Api api, RequestBody body) {
        return request(new Client(Client.LOCAL, new Credential.Pool()), api, List.of(), body);
    }

    static UpstreamRequest request(Client client, Api api, List<Header> headers, RequestBody body) {
        return new UpstreamRequest(
                new RequestId("test"), client, api, "POST", api.path(), null, headers, body, null, null);
    }

    /** The bytes that come out when these go in. */
    static String through(RequestFilter filter, Api api, String json) {
        UpstreamRequest filtered = filter.apply(request(api, json));
        return JsonText.sent(((RequestBody.Json) filtered.body()).json());
    }

    /** What comes out of slug expansion and usage injection, as the upstream reads it. */
    static JsonNode expanded(Api api, String json) {
        String slug = through(new SlugFilter(FilterOptions.DEFAULTS), api, json);
        return tree(through(new UsageFilter(FilterOptions.DEFAULTS), api, slug));
    }

    static JsonNode tree(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new AssertionError("the upstream would get invalid JSON: " + json, e);
        }
    }
}
