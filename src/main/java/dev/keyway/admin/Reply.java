package dev.keyway.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.OwnAnswer;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Makes what administrators are answered. */
final class Reply {
    private static final int OK = 200;

    private Reply() {}

    static OwnAnswer.Content of(ObjectNode json) {
        byte[] body = json.toString().getBytes(StandardCharsets.UTF_8);
        return new OwnAnswer.Content(
                OK, List.of(new Header("Cache-Control", "no-store")), List.of(ByteBuffer.wrap(body)), true, null);
    }

    /** Of what went wrong with a change; one that could not be written down is in force all the same. */
    static ApiException error(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof ApiException known) {
            return known;
        }
        return cause instanceof IOException
                ? new ApiException(
                        ErrorCode.INTERNAL,
                        "the change is in force but could not be kept: a restart would undo it until it is; the errors"
                                + " log has the reason",
                        cause)
                : new ApiException(ErrorCode.INTERNAL, "Keyway failed on this request", cause);
    }
}
