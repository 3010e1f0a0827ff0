package dev.keyway.access;

import dev.keyway.exchange.Client;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;

/** What was decided about a caller. */
public sealed interface AccessDecision {
    /** It may go on, as this client. */
    record Granted(Client client) implements AccessDecision {}

    /** It may not. */
    record Refused(ErrorCode code, String message) implements AccessDecision {
        /** The answer; a 401 with {@code WWW-Authenticate: Bearer}. */
        public ApiException error() {
            ApiException error = new ApiException(code, message);
            return code == ErrorCode.AUTHENTICATION ? error.withHeader("WWW-Authenticate", "Bearer") : error;
        }
    }
}
