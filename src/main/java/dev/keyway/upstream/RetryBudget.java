package dev.keyway.upstream;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * What all requests together may spend on sends that could be billed twice or load an upstream that is down: each
 * request pays a part of a send in, each such send takes a whole one out. It begins full, with ten; more it never holds,
 * so that a quiet day does not pay for a storm. Safe for many threads.
 */
public final class RetryBudget {
    private static final int SEND = 1000;
    private static final int FULL = 10 * SEND;

    private final int part;
    private final AtomicInteger held;

    /** @param perRequest sends that one request pays for, 0 to 1, in steps of a thousandth; 0: there never are any */
    public RetryBudget(double perRequest) {
        this.part = (int) Math.round(perRequest * SEND);
        this.held = new AtomicInteger(part == 0 ? 0 : FULL);
    }

    /** A request has come. */
    void payIn() {
        int now = held.get();
        while (part > 0 && now < FULL && !held.compareAndSet(now, Math.min(FULL, now + part))) {
            now = held.get();
        }
    }

    /** Takes one send out; false when there is not a whole one. */
    boolean takeOut() {
        int now = held.get();
        while (now >= SEND) {
            if (held.compareAndSet(now, now - SEND)) {
                return true;
            }
            now = held.get();
        }
        return false;
    }
}
