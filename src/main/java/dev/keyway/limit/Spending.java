package dev.keyway.limit;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.github.bucket4j.local.SynchronizationStrategy;
import org.jspecify.annotations.Nullable;

/** What one client or address has used of its budgets. Guarded by whoever keeps it. */
final class Spending {
    private @Nullable Counted general;
    private @Nullable Counted inference;

    private record Counted(Allowance allowance, Bucket bucket) {
        static Counted begin(Allowance allowance, TimeMeter time) {
            // Its keeper's lock is held whenever it is used.
            return new Counted(
                    allowance,
                    Bucket.builder()
                            .addLimit(allowance.configuration().getBandwidths()[0])
                            .withCustomTimePrecision(time)
                            .withSynchronizationStrategy(SynchronizationStrategy.NONE)
                            .build());
        }

        long used() {
            return allowance.requests() - bucket.getAvailableTokens();
        }

        /** The same window and the same requests counted, against another limit. */
        Counted under(Allowance other) {
            long used = used();
            bucket.replaceConfiguration(other.configuration(), TokensInheritanceStrategy.AS_IS);
            long wanted = Math.max(0, other.requests() - used);
            long has = bucket.getAvailableTokens();
            if (has > wanted) {
                bucket.consumeIgnoringRateLimits(has - wanted);
            } else if (has < wanted) {
                bucket.addTokens(wanted - has);
            }
            return new Counted(other, bucket);
        }
    }

    Standing take(Budget budget, Allowance allowance, TimeMeter time) {
        Counted now;
        if (budget == Budget.GENERAL) {
            now = current(general, allowance, time);
            general = now;
        } else {
            now = current(inference, allowance, time);
            inference = now;
        }
        ConsumptionProbe probe = now.bucket().tryConsumeAndReturnRemaining(1);
        return new Standing(probe.isConsumed(), probe.getRemainingTokens(), probe.getNanosToWaitForReset());
    }

    private static Counted current(@Nullable Counted before, Allowance allowance, TimeMeter time) {
        Counted now = before;
        if (now != null && now.used() > 0 && !now.allowance().isLike(allowance)) {
            now = now.under(allowance);
        }
        if (now == null || now.used() <= 0) {
            // The window is over, or was never begun: it begins with this request.
            now = Counted.begin(allowance, time);
        }
        return now;
    }

    /** Requests that still count, of all budgets together; 0: nothing is lost by forgetting them. */
    long used() {
        return used(general) + used(inference);
    }

    private static long used(@Nullable Counted one) {
        return one == null ? 0 : Math.max(0, one.used());
    }
}
