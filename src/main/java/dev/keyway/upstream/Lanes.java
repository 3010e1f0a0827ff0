package dev.keyway.upstream;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * On which of the host's selectors a request's connection to the upstream lives: on that of its client, so that one thread
 * does it all, as long as that one has not got more than its part of the connections; else on the one with most room. Safe
 * for many threads.
 */
final class Lanes {
    private final AtomicIntegerArray busy;
    private final int most;

    /**
     * Of so many selectors.
     *
     * @param most requests at once on each
     */
    Lanes(int count, int most) {
        this.busy = new AtomicIntegerArray(count);
        this.most = most;
    }

    /** Takes a place, to be given back once: the lane wanted, or another one. */
    int enter(int wanted) {
        int lane = busy.get(wanted) < most ? wanted : roomiest();
        busy.incrementAndGet(lane);
        return lane;
    }

    private int roomiest() {
        int roomiest = 0;
        for (int lane = 1; lane < busy.length(); lane++) {
            if (busy.get(lane) < busy.get(roomiest)) {
                roomiest = lane;
            }
        }
        return roomiest;
    }

    void leave(int lane) {
        busy.decrementAndGet(lane);
    }
}
