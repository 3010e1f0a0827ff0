package dev.keyway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Client;
import dev.keyway.exchange.Credential;
import dev.keyway.wire.Secret;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is counted, for whom, and how long; all by a clock that is moved by hand. */
class RateLimitsTest {
    private static final Client STRANGER = new Client(Client.LOCAL, new Credential.None());
    private static final Client ALICE = new Client("alice", new Credential.Pool());
    private static final Client BOB = new Client("bob", new Credential.Pool());
    private static final Duration WINDOW = Duration.ofMinutes(15);
    private static final Allowance THREE = new Allowance(3, WINDOW);

    private Instant now = Instant.parse("2026-11-20T12:00:00Z");
    private final InstantSource clock = () -> now;
    private final RateLimits limits = new RateLimits(clock, new Random(1));

    private Standing from(String address) {
        return from(address, THREE);
    }

    private Standing from(String address, Allowance allowance) {
        return limits.take(STRANGER, () -> address, Budget.GENERAL, allowance);
    }

    private Standing by(Client client, Budget budget) {
        return limits.take(client, () -> "192.0.2.1", budget, THREE);
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    @Test
    void S2_31_so_many_requests_are_allowed_in_a_window_and_all_again_after_it() {
        assertThat(from("192.0.2.1")).isEqualTo(new Standing(true, 2, WINDOW.toNanos()));
        pass(Duration.ofMinutes(5));
        assertThat(from("192.0.2.1"))
                .isEqualTo(new Standing(true, 1, Duration.ofMinutes(10).toNanos()));
        assertThat(from("192.0.2.1").remaining()).isZero();
        assertThat(from("192.0.2.1"))
                .isEqualTo(new Standing(false, 0, Duration.ofMinutes(10).toNanos()));
        pass(Duration.ofMinutes(10).minusNanos(1));
        assertThat(from("192.0.2.1").allowed()).isFalse();
        assertThat(limits.refused()).isEqualTo(2);

        pass(Duration.ofNanos(1));

        assertThat(from("192.0.2.1"))
                .describedAs("a window of its own, not one that half is over of")
                .isEqualTo(new Standing(true, 2, WINDOW.toNanos()));
    }

    @Test
    void a_window_begins_with_the_first_request_in_it_however_long_nobody_asked() {
        from("192.0.2.1");
        pass(WINDOW.plusMinutes(7));

        assertThat(from("192.0.2.1")).isEqualTo(new Standing(true, 2, WINDOW.toNanos()));
    }

    @Test
    void S2_31_each_address_counts_by_itself_and_an_ipv6_network_of_64_bits_as_one() {
        for (int i = 1; i <= 3; i++) {
            assertThat(from("2001:db8:1:2::" + i).allowed()).isTrue();
            assertThat(from("192.0.2." + i).remaining()).isEqualTo(2);
        }

        assertThat(from("2001:db8:1:2:ffff:ffff:ffff:ffff").allowed()).isFalse();
        assertThat(from("2001:db8:1:3::1").remaining())
                .describedAs("the next network")
                .isEqualTo(2);
        assertThat(from("::ffff:192.0.2.1").remaining())
                .describedAs("192.0.2.1 in another spelling")
                .isEqualTo(1);
        assertThat(from("unknown").remaining()).isEqualTo(2);
    }

    @Test
    void S2_31_clients_behind_one_address_with_access_keys_of_their_own_do_not_share() {
        for (int i = 0; i < 3; i++) {
            assertThat(by(ALICE, Budget.GENERAL).allowed()).isTrue();
        }

        assertThat(by(ALICE, Budget.GENERAL).allowed()).isFalse();
        assertThat(by(BOB, Budget.GENERAL).remaining()).isEqualTo(2);
        assertThat(by(STRANGER, Budget.GENERAL).remaining()).isEqualTo(2);
        assertThat(by(ALICE, Budget.INFERENCE).remaining()).isEqualTo(2);
    }

    @Test
    void a_key_that_keyway_only_passes_on_counts_by_address_or_each_made_up_one_would_have_a_budget() {
        for (int i = 0; i < 4; i++) {
            Secret made = new Secret("sk-or-made-up-" + i);
            assertThat(by(new Client(made.id(), new Credential.Own(made)), Budget.GENERAL)
                            .allowed())
                    .isEqualTo(i < 3);
        }
    }

    @Test
    void a_changed_limit_counts_at_once_and_what_was_used_stays_used() {
        from("192.0.2.1");
        from("192.0.2.1");
        pass(Duration.ofMinutes(5));

        assertThat(from("192.0.2.1", new Allowance(10, WINDOW)))
                .isEqualTo(new Standing(true, 7, Duration.ofMinutes(10).toNanos()));
        assertThat(from("192.0.2.1", new Allowance(2, WINDOW)))
                .isEqualTo(new Standing(false, 0, Duration.ofMinutes(10).toNanos()));
        assertThat(from("192.0.2.1", new Allowance(4, Duration.ofMinutes(6))).nanosToReset())
                .describedAs("of the window as it is now, from when it began")
                .isEqualTo(Duration.ofMinutes(1).toNanos());
    }

    /** Symptom of a list of those seen last: whoever fills it with others gets his own limit back. */
    @Test
    void proof_16_an_address_that_used_its_limit_up_is_not_forgotten_for_others_that_did_not() {
        for (int i = 0; i < 3; i++) {
            from("192.0.2.1");
        }

        for (int i = 0; i < 300_000; i++) {
            from("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255));
        }

        assertThat(from("192.0.2.1").allowed()).isFalse();
    }

    @Test
    void proof_16_100_001_addresses_keep_the_heap_flat() {
        // As many places as there are, and each budget of each used.
        long empty = heap();
        fill(0, 2 * AddressBook.CAPACITY);
        long full = heap();

        fill(2 * AddressBook.CAPACITY, 3 * AddressBook.CAPACITY);

        assertThat(limits.addresses()).isEqualTo(AddressBook.CAPACITY);
        assertThat(heap() - full).describedAs("bytes more").isLessThan(8_000_000);
        assertThat((full - empty) / AddressBook.CAPACITY)
                .describedAs("bytes for each address")
                .isLessThan(1_000);
    }

    private void fill(int begin, int end) {
        for (int i = begin; i < end; i++) {
            String address = "2001:db8:" + Integer.toHexString(i >> 16) + ":" + Integer.toHexString(i & 0xffff) + "::1";
            from(address);
            limits.take(STRANGER, () -> address, Budget.INFERENCE, THREE);
        }
    }

    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    @Test
    void what_counts_no_more_is_forgotten() {
        from("192.0.2.1");
        pass(WINDOW.dividedBy(2));
        from("192.0.2.2");
        pass(WINDOW.dividedBy(2));

        limits.forget();

        assertThat(limits.addresses()).isEqualTo(1);
        assertThat(from("192.0.2.2").remaining()).isEqualTo(1);
    }

    @Test
    void clients_that_the_configuration_has_no_more_are_forgotten() {
        by(ALICE, Budget.GENERAL);
        by(BOB, Budget.GENERAL);

        limits.keep(Set.of("bob"));

        assertThat(by(ALICE, Budget.GENERAL).remaining()).isEqualTo(2);
        assertThat(by(BOB, Budget.GENERAL).remaining()).isEqualTo(1);
    }

    @Test
    void of_requests_at_the_same_time_exactly_as_many_as_allowed_get_through() throws InterruptedException {
        Allowance some = new Allowance(500, WINDOW);
        AtomicInteger allowed = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        CountDownLatch go = new CountDownLatch(1);
        for (int thread = 0; thread < 8; thread++) {
            threads.execute(() -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                for (int i = 0; i < 200; i++) {
                    allowed.addAndGet(from("192.0.2.1", some).allowed() ? 1 : 0);
                }
            });
        }

        go.countDown();
        threads.shutdown();

        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        assertThat(allowed).hasValue(500);
    }
}
