package dev.keyway.sandbox;

/** A request that is answered with an error instead of being served. */
final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient ApiError error;

    RefusedException(ApiError error) {
        super(error.message(), null, false, false);
        this.error = error;
    }

    ApiError error() {
        return error;
    }
}
