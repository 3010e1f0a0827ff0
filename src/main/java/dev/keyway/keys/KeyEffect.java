package dev.keyway.keys;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What an answer does to the key it was asked with. */
public sealed interface KeyEffect {
    /** How far it reaches. */
    enum Scope {
        /** The key alone. */
        KEY,
        /** All keys of its account; of a key without an account, the key alone. */
        ACCOUNT
    }

    /** Nothing: nobody could blame the key. */
    record None() implements KeyEffect {}

    /** It served: failures in a row are forgotten. */
    record Served() implements KeyEffect {}

    /** The key itself was refused: it rests for ten minutes, each time in a row twice as long; the fifth puts it out. */
    record Refused() implements KeyEffect {}

    /**
     * The upstream or the way to it failed. Counts towards the five only if another key has served since this one's first
     * failure of the row, so that an outage puts no key out.
     */
    record Trouble() implements KeyEffect {}

    /** A limit was hit that ends by itself. */
    record Cooling(Instant until, Scope scope) implements KeyEffect {}

    /** Credit is used up; {@code until}: when the upstream gives new credit, null when it did not say. */
    record Exhausted(@Nullable Instant until, Scope scope) implements KeyEffect {}

    /** The account's free tier is used up until then; paid models go on. */
    record FreeTierOut(Instant until) implements KeyEffect {}
}
