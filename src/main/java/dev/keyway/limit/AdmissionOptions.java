package dev.keyway.limit;

/**
 * How much at once.
 *
 * @param maxConcurrentRequests {@code server.max_concurrent_requests}; over it 503
 * @param maxBuffered {@code server.max_buffered}: bytes of request bodies held at any time; over it a body waits up to
 *     10 s for room
 */
public record AdmissionOptions(int maxConcurrentRequests, long maxBuffered) {
    /** 4096 requests, a quarter of the heap. */
    public static final AdmissionOptions DEFAULTS =
            new AdmissionOptions(4096, Runtime.getRuntime().maxMemory() / 4);
}
