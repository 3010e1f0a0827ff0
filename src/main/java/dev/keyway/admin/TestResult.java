package dev.keyway.admin;

import dev.keyway.keys.KeyCredit;
import org.jspecify.annotations.Nullable;

/**
 * What became of a test of a key.
 *
 * @param status the upstream's; 0 when none came
 * @param message for people, no key in it; null when there is nothing to say
 * @param credit null unless the upstream told it
 */
public record TestResult(
        Verdict verdict,
        int status,
        @Nullable String message,
        @Nullable KeyCredit credit) {
    /** Whether the upstream took the key. */
    public enum Verdict {
        /** It did. */
        OK,
        /** It did not. */
        REFUSED,
        /** It was not asked, or gave no answer that tells. */
        UNREACHABLE
    }
}
