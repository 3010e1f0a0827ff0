package dev.keyway.keys;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The pool's two clocks. Rests are measured on a steady one, which no setting of the computer's clock moves; what is told,
 * shown and kept is wall time.
 */
final class PoolClock {
    /** The two drift and are never read at the same moment; only a greater difference is a step. */
    private static final Duration STEP = Duration.ofSeconds(1);

    private final InstantSource wall;
    private final InstantSource steady;
    private volatile Duration offset;

    PoolClock(InstantSource wall, InstantSource steady) {
        this.wall = wall;
        this.steady = steady;
        this.offset = Duration.between(steady.instant(), wall.instant());
    }

    /** The moment on the steady clock, as all times inside the pool. */
    Instant now() {
        return steady.instant();
    }

    /** The moment for people and files. */
    Instant onTheWall() {
        return wall.instant();
    }

    Instant toSteady(Instant onTheWall) {
        return onTheWall.minus(offset());
    }

    Instant toWall(Instant inThePool) {
        return inThePool.plus(offset());
    }

    private Duration offset() {
        Duration known = offset;
        Duration seen = Duration.between(steady.instant(), wall.instant());
        if (seen.minus(known).abs().compareTo(STEP) <= 0) {
            return known;
        }
        offset = seen;
        return seen;
    }
}
