package dev.keyway.wire;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/** A range of IP addresses, all that begin with the same bits: {@code 10.0.0.0/8}; an address alone is a range of one. */
public final class Network {
    private static final Pattern BITS = Pattern.compile("0|[1-9]\\d{0,2}");

    private final IpAddress begin;
    private final int bits;

    private Network(IpAddress begin, int bits) {
        this.begin = begin;
        this.bits = bits;
    }

    /** Empty when it is none; also when bits behind the prefix are set, as then another range may have been meant. */
    public static Optional<Network> parse(String text) {
        int slash = text.indexOf('/');
        Optional<IpAddress> begin = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
        if (begin.isEmpty() || slash < 0) {
            return begin.map(address -> new Network(address, address.bits()));
        }
        String prefix = text.substring(slash + 1);
        int bits = BITS.matcher(prefix).matches() ? Integer.parseInt(prefix) : Integer.MAX_VALUE;
        return begin.filter(
                        address -> bits <= address.bits() && address.first(bits).equals(address))
                .map(address -> new Network(address, bits));
    }

    /** Whether an address is one of the range; no IPv4 address is in a range of IPv6 ones. */
    public boolean contains(IpAddress address) {
        return address.bits() == begin.bits() && address.first(bits).equals(begin);
    }

    /** Whether it is every address of its kind. */
    public boolean isEverything() {
        return bits == 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Network network && network.bits == bits && network.begin.equals(begin);
    }

    @Override
    public int hashCode() {
        return Objects.hash(begin, bits);
    }

    /** The range in plain form; without its length when it is one address. */
    @Override
    public String toString() {
        return bits == begin.bits() ? begin.toString() : begin + "/" + bits;
    }
}
