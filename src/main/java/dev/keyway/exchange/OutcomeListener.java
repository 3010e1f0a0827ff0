package dev.keyway.exchange;

/**
 * Told what came in and how it ended, each once for every request, on a thread of its own behind a bounded queue. Must
 * not throw; may be slow, at the price of dropped calls.
 */
public interface OutcomeListener {
    /** A request arrived; nothing about it is known but its head. */
    default void onArrival(Arrival arrival) {}

    void onOutcome(Outcome outcome);

    /**
     * The head of a request that just arrived.
     *
     * @param path as it came, without query
     */
    record Arrival(RequestId id, String method, String path) {}
}
