package dev.keyway.wire;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An error that is Keyway's own and ends the request: rendered once, by {@link ErrorWriter}.
 *
 * <p>The message is for the client: what was wrong, which value, what is allowed; never a key, never a prompt. The
 * cause, if any, is for the errors log. It carries no stack trace of its own: it is an answer, not a bug.
 */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final ErrorCode code;

    @SuppressWarnings("serial") // answered within the request, never serialised
    private final Map<String, String> headers;

    @SuppressWarnings("serial")
    private final Map<String, Object> details;

    @SuppressWarnings("serial")
    private final Map<String, Object> members;

    public ApiException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public ApiException(ErrorCode code, String message, @Nullable Throwable cause) {
        this(code, message, cause, Map.of(), Map.of(), Map.of());
    }

    private ApiException(
            ErrorCode code,
            String message,
            @Nullable Throwable cause,
            Map<String, String> headers,
            Map<String, Object> details,
            Map<String, Object> members) {
        super(message, cause, false, false);
        this.code = code;
        this.headers = headers;
        this.details = details;
        this.members = members;
    }

    /**
     * 400 for members or parameters that are not what they must be: the first stands as {@code error.details}, all as
     * {@code error.errors}.
     *
     * @param problems all there are, at least one
     */
    public static ApiException invalid(List<FieldProblem> problems) {
        FieldProblem first = problems.get(0);
        return new ApiException(ErrorCode.VALIDATION, "Validation error")
                .withDetail("field", first.field())
                .withDetail("message", first.message())
                .withMember("errors", problems.stream().map(FieldProblem::asMap).toList());
    }

    public ErrorCode code() {
        return code;
    }

    /** What the client reads; the constructor's own text, never null. */
    public String text() {
        return String.valueOf(getMessage());
    }

    /** Headers of the answer, such as {@code Retry-After}, in the order they were added. */
    public Map<String, String> headers() {
        return headers;
    }

    /** Members of {@code error.details}; empty: the member is left out. */
    public Map<String, Object> details() {
        return details;
    }

    /** Members of {@code error} beside those that every error has. */
    public Map<String, Object> members() {
        return members;
    }

    /** The same error with one more header on its answer. */
    public ApiException withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new ApiException(code, text(), getCause(), Map.copyOf(more), details, members);
    }

    /** The same error with one more member in {@code error.details}: a string, a whole number or a list of strings. */
    public ApiException withDetail(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(details);
        more.put(name, value);
        return new ApiException(code, text(), getCause(), headers, more, members);
    }

    /** The same error with one more member in {@code error}: a string, a whole number, a list or a map of these. */
    public ApiException withMember(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(members);
        more.put(name, value);
        return new ApiException(code, text(), getCause(), headers, details, more);
    }
}
