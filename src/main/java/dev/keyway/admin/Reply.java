package dev.keyway.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorBody;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole answer.
 *
 * @param body JSON as UTF-8
 * @param error what it tells of, if it tells of an error
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a record
record Reply(
        int status,
        Map<String, String> headers,
        byte[] body,
        @Nullable ApiException error) {
    private static final int OK = 200;

    static Reply of(ObjectNode json) {
        return new Reply(OK, Map.of(), json.toString().getBytes(StandardCharsets.UTF_8), null);
    }

    static Reply of(ApiException error, String requestId) {
        return new Reply(error.code().status(), error.headers(), ErrorBody.json(error, requestId), error);
    }
}
