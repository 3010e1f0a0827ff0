package dev.keyway.limit;

import dev.keyway.exchange.Client;
import dev.keyway.wire.IpAddress;
import io.github.bucket4j.TimeMeter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What each client has asked for in its window; outlives a reload. A client that showed an access key is counted by its
 * name, everybody else by address, an IPv6 network of 64 bits as one. A key that was only passed through proves nothing
 * here: whoever makes one up would have a budget for each.
 */
public final class RateLimits {
    private final TimeMeter time;
    private final AddressBook addresses;
    private final Map<String, Spending> clients = new ConcurrentHashMap<>();
    private final LongAdder refused = new LongAdder();

    /** @param steady measures the windows; a step of the wall clock must not move it */
    public RateLimits(InstantSource steady, RandomGenerator random) {
        this.time = new SteadyTime(steady);
        this.addresses = new AddressBook(time, random);
    }

    private record SteadyTime(InstantSource clock) implements TimeMeter {
        private static final long NANOS = 1_000_000_000;

        @Override
        public long currentTimeNanos() {
            Instant now = clock.instant();
            return now.getEpochSecond() * NANOS + now.getNano();
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    }

    /** Counts a request; the address is asked for only where it counts. */
    Standing take(Client client, Supplier<String> address, Budget budget, Allowance allowance) {
        Standing standing = client.isKnown()
                ? ofClient(client.name(), budget, allowance)
                : addresses.take(household(address.get()), budget, allowance);
        if (!standing.allowed()) {
            refused.increment();
        }
        return standing;
    }

    private Standing ofClient(String name, Budget budget, Allowance allowance) {
        Spending spending = clients.computeIfAbsent(name, any -> new Spending());
        synchronized (spending) {
            return spending.take(budget, allowance, time);
        }
    }

    private static String household(String address) {
        return IpAddress.ofPeer(address).map(IpAddress::household).orElse(address);
    }

    /** Forgets what counts no more; to be called now and then. */
    public void forget() {
        addresses.forget();
    }

    /** Forgets all clients but these, which the configuration has. */
    public void keep(Set<String> names) {
        clients.keySet().retainAll(names);
    }

    /** How many requests were refused. */
    public long refused() {
        return refused.sum();
    }

    /** How many addresses are remembered. */
    public int addresses() {
        return addresses.size();
    }
}
