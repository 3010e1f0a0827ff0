package dev.keyway.sandbox;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * An OpenRouter account of the stand-in: the credit all its keys draw on, and its counters for free models (20 a
 * minute; 50 a day, 1,000 once at least 10 USD were bought; the day is UTC's). Amounts in USD.
 */
public final class Account {
    static final int PER_MINUTE = 20;
    private static final int PER_DAY_POOR = 50;
    private static final int PER_DAY_RICH = 1_000;
    private static final BigDecimal RICH = BigDecimal.TEN;
    private final String name;
    private BigDecimal bought = new BigDecimal(1_000_000);
    private BigDecimal used = BigDecimal.ZERO;
    private @Nullable Integer freePerDay;
    private Instant day = Instant.EPOCH;
    private Instant minute = Instant.EPOCH;
    private int today;
    private int thisMinute;

    Account(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }

    /** Sets the credit ever bought; what was used stays used. */
    public synchronized Account credit(String usd) {
        bought = new BigDecimal(usd);
        return this;
    }

    /** Sets the daily number of free requests, in place of the rule. */
    public synchronized Account freePerDay(int requests) {
        freePerDay = requests;
        return this;
    }

    public synchronized BigDecimal bought() {
        return bought;
    }

    public synchronized BigDecimal used() {
        return used;
    }

    public synchronized BigDecimal balance() {
        return bought.subtract(used);
    }

    /** The id in error envelopes. */
    String userId() {
        return "user_standin_" + name;
    }

    synchronized void charge(BigDecimal amount) {
        used = used.add(amount);
    }

    synchronized int dailyLimit() {
        if (freePerDay != null) {
            return freePerDay;
        }
        return bought.compareTo(RICH) >= 0 ? PER_DAY_RICH : PER_DAY_POOR;
    }

    synchronized int usedToday(Instant now) {
        roll(now);
        return today;
    }

    /** Counts one request to a free model; the error when a counter is full, and then it is not counted. */
    synchronized @Nullable ApiError takeFree(Instant now) {
        roll(now);
        if (today >= dailyLimit()) {
            return ApiError.freeDaily(dailyLimit(), day.plus(Duration.ofDays(1)));
        }
        if (thisMinute >= PER_MINUTE) {
            return ApiError.freeMinute(PER_MINUTE, minute.plus(Duration.ofMinutes(1)));
        }
        today++;
        thisMinute++;
        return null;
    }

    private void roll(Instant now) {
        if (!now.truncatedTo(ChronoUnit.DAYS).equals(day)) {
            day = now.truncatedTo(ChronoUnit.DAYS);
            today = 0;
        }
        if (!now.truncatedTo(ChronoUnit.MINUTES).equals(minute)) {
            minute = now.truncatedTo(ChronoUnit.MINUTES);
            thisMinute = 0;
        }
    }
}
