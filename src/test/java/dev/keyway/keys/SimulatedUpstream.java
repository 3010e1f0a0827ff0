package dev.keyway.keys;

import dev.keyway.wire.Secret;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * OpenRouter's limits as of one day, UTC, without a wire: 20 accounts with 30 keys, each account with credit, requests
 * under way and counters for free models of its own. Amounts in millionths of a dollar.
 */
final class SimulatedUpstream {
    static final int ACCOUNTS = 20;
    static final int KEYS = 30;
    private static final long PRICE = 10_000;
    private static final int FREE_PER_MINUTE = 20;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
    private static final LocalTime REVOKED_FROM = LocalTime.of(6, 0);
    private static final LocalTime TOPPED_UP_FROM = LocalTime.of(14, 0);

    final List<SimulatedKey> keys = new ArrayList<>();
    private final RandomGenerator random;

    /** What a request is, whoever serves it. */
    enum Kind {
        FINE,
        BAD_REQUEST,
        FLAGGED,
        PROVIDER_BUSY
    }

    /** @param status 0: no answer, the connection failed */
    record Answer(int status, Map<String, String> headers, String body) {
        Answer(int status, String body) {
            this(status, Map.of(), body);
        }
    }

    static final class Account {
        final String name;
        final int freePerDay;
        final int mostUnderWay;
        private final PriorityQueue<Instant> underWay = new PriorityQueue<>();
        private long credit;
        private long topUp;
        private int freeToday;
        private int freeThisMinute;
        private Instant minute = Instant.EPOCH;
        int served;

        Account(int number, int requests) {
            this.name = "account-" + number;
            boolean poor = number % 2 == 1;
            this.freePerDay = poor ? requests / 2_000 : requests / 100;
            this.mostUnderWay = number == 10 || number == 11 ? 1 : Integer.MAX_VALUE;
            long forAll = requests * PRICE;
            this.credit = number < 4 ? forAll / ACCOUNTS / 4 : forAll;
            this.topUp = number < 2 ? forAll : 0;
        }

        private void at(Instant now) {
            if (!time(now).isBefore(TOPPED_UP_FROM)) {
                credit += topUp;
                topUp = 0;
            }
            while (!underWay.isEmpty() && !underWay.element().isAfter(now)) {
                underWay.remove();
            }
            Instant itsMinute = now.truncatedTo(ChronoUnit.MINUTES);
            if (!minute.equals(itsMinute)) {
                minute = itsMinute;
                freeThisMinute = 0;
            }
        }
    }

    static final class SimulatedKey {
        final UpstreamKey key;
        final Account account;
        private long limit;
        private final boolean revoked;

        SimulatedKey(int number, Account account, int requests) {
            Secret secret = new Secret("sk-or-v1-%064d".formatted(number));
            this.key = new UpstreamKey(secret.id(), secret, null, account.name);
            this.account = account;
            this.limit = number == 5 ? requests * PRICE / ACCOUNTS / 10 : Long.MAX_VALUE;
            this.revoked = number == 7;
        }

        boolean isRevoked(Instant now) {
            return revoked && !time(now).isBefore(REVOKED_FROM);
        }
    }

    SimulatedUpstream(int requests, RandomGenerator random) {
        this.random = random;
        List<Account> accounts = new ArrayList<>();
        for (int i = 0; i < ACCOUNTS; i++) {
            accounts.add(new Account(i, requests));
        }
        for (int i = 0; i < KEYS; i++) {
            keys.add(new SimulatedKey(i, accounts.get(i % ACCOUNTS), requests));
        }
    }

    private static LocalTime time(Instant now) {
        return now.atZone(ZoneOffset.UTC).toLocalTime();
    }

    /** Two of them: ten minutes of errors, five without a connection. */
    static @Nullable Answer outage(Instant now) {
        LocalTime time = time(now);
        if (time.getHour() == 9 && time.getMinute() < 10) {
            return new Answer(502, error(502, "Upstream is down", ""));
        }
        return time.getHour() == 17 && time.getMinute() < 5 ? new Answer(0, "") : null;
    }

    Answer ask(SimulatedKey key, boolean free, Kind kind, Instant now) {
        Account account = key.account;
        account.at(now);
        @Nullable Answer outage = outage(now);
        if (outage != null) {
            return outage;
        }
        if (key.isRevoked(now)) {
            return new Answer(401, "{\"error\":{\"message\":\"User not found.\",\"code\":401}}");
        }
        if (kind == Kind.BAD_REQUEST) {
            return new Answer(400, error(400, "x is not a valid model ID", ""));
        }
        if (account.credit <= 0) {
            return new Answer(402, error(402, "Insufficient credits", "\"limit_source\":\"openrouter_credits\""));
        }
        @Nullable Answer limit = free ? freeLimit(account, now) : paidLimit(key, now);
        if (limit != null) {
            return limit;
        }
        if (kind == Kind.FLAGGED) {
            return new Answer(403, error(403, "Your input was flagged", "\"reasons\":[\"violence\"]"));
        }
        if (kind == Kind.PROVIDER_BUSY) {
            return new Answer(429, error(429, "Provider returned error", "\"provider_name\":\"Venice\""));
        }
        serve(key, free, now);
        return new Answer(200, "{}");
    }

    private static @Nullable Answer freeLimit(Account account, Instant now) {
        boolean day = account.freeToday >= account.freePerDay;
        if (!day && account.freeThisMinute < FREE_PER_MINUTE) {
            return null;
        }
        Instant reset = day
                ? now.truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(1))
                : account.minute.plus(Duration.ofMinutes(1));
        String metadata = "\"headers\":{\"X-RateLimit-Reset\":\"%d\"},\"limit_source\":\"openrouter_free_tier_%s\""
                .formatted(reset.toEpochMilli(), day ? "daily" : "minute");
        return new Answer(429, error(429, "Rate limit exceeded: free-models-per-" + (day ? "day" : "min"), metadata));
    }

    private static @Nullable Answer paidLimit(SimulatedKey key, Instant now) {
        if (key.limit <= 0) {
            Instant reset = now.truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(1));
            return new Answer(403, error(403, "Key limit exceeded (daily limit).", "\"resets_at\":\"" + reset + "\""));
        }
        return key.account.underWay.size() < key.account.mostUnderWay
                ? null
                : new Answer(
                        402,
                        Map.of("Retry-After", Long.toString(RETRY_AFTER.toSeconds())),
                        error(
                                402,
                                "Too many requests in flight",
                                "\"reason\":\"in_flight_budget_exhausted\","
                                        + "\"limit_source\":\"openrouter_in_flight_budget\""));
    }

    private void serve(SimulatedKey key, boolean free, Instant now) {
        key.account.served++;
        if (free) {
            key.account.freeToday++;
            key.account.freeThisMinute++;
        } else {
            key.account.credit -= PRICE;
            key.limit -= PRICE;
            key.account.underWay.add(now.plusSeconds(5 + random.nextInt(56)));
        }
    }

    /** What {@code GET /key} says; the account's credit is not in it. */
    KeyCredit credit(SimulatedKey key, Instant now) {
        boolean limited = key.limit < Long.MAX_VALUE / 2;
        return new KeyCredit(
                limited ? BigDecimal.valueOf(key.limit, 6) : null,
                null,
                limited ? now.truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(1)) : null,
                Math.max(0, key.account.freePerDay - key.account.freeToday),
                null,
                now);
    }

    private static String error(int code, String message, String metadata) {
        return "{\"error\":{\"message\":\"%s\",\"code\":%d,\"metadata\":{%s}},\"user_id\":\"user_1\"}"
                .formatted(message, code, metadata);
    }
}
