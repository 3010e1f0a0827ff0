package dev.keyway.wire;

/**
 * What kind of failure an own error is: its HTTP status and the word that stands as {@code error.type}.
 *
 * <p>{@link #anthropic()} is the word the Messages API uses for the same thing.
 */
public enum ErrorCode {
    VALIDATION(400, "validation", "invalid_request_error"),
    AUTHENTICATION(401, "authentication", "authentication_error"),
    PERMISSION(403, "permission", "permission_error"),
    NOT_FOUND(404, "not_found", "not_found_error"),
    METHOD_NOT_ALLOWED(405, "validation", "invalid_request_error"),
    TOO_LARGE(413, "validation", "invalid_request_error"),
    UNSUPPORTED_MEDIA_TYPE(415, "validation", "invalid_request_error"),
    RATE_LIMIT(429, "rate_limit", "rate_limit_error"),
    INTERNAL(500, "internal", "api_error"),
    UPSTREAM(502, "openrouter", "api_error"),
    UNAVAILABLE(503, "unavailable", "overloaded_error"),
    TIMEOUT(504, "timeout", "timeout_error");

    private final int status;
    private final String type;
    private final String anthropic;

    ErrorCode(int status, String type, String anthropic) {
        this.status = status;
        this.type = type;
        this.anthropic = anthropic;
    }

    /** The code of a status; of one that has none, what a client or a server does wrong in general. */
    public static ErrorCode nearest(int status) {
        for (ErrorCode code : values()) {
            if (code.status == status) {
                return code;
            }
        }
        return status < 500 ? VALIDATION : INTERNAL;
    }

    public int status() {
        return status;
    }

    public String type() {
        return type;
    }

    public String anthropic() {
        return anthropic;
    }
}
