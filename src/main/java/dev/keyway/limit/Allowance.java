package dev.keyway.limit;

import io.github.bucket4j.BucketConfiguration;
import java.time.Duration;

/** So many requests in so long a window: what a bucket is made by, and how the answer's headers tell it. */
final class Allowance {
    private final long requests;
    private final Duration window;
    private final BucketConfiguration configuration;
    private final String limit;
    private final String policy;

    Allowance(int requests, Duration window) {
        this.requests = requests;
        this.window = window;
        // All at once at the window's end, as clients are told: not a little at a time.
        this.configuration = BucketConfiguration.builder()
                .addLimit(bandwidth -> bandwidth.capacity(requests).refillIntervally(requests, window))
                .build();
        this.limit = Integer.toString(requests);
        this.policy = requests + ";w=" + Seconds.up(window.toNanos());
    }

    long requests() {
        return requests;
    }

    BucketConfiguration configuration() {
        return configuration;
    }

    /** {@code 100} */
    String limit() {
        return limit;
    }

    /** {@code 100;w=900} */
    String policy() {
        return policy;
    }

    /** Whether a bucket made by the other needs no change. */
    boolean isLike(Allowance other) {
        return other == this || (other.requests == requests && other.window.equals(window));
    }
}
