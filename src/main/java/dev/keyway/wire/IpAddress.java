package dev.keyway.wire;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * An IPv4 or IPv6 address, read from its digits alone: nothing is ever looked up. An IPv4 address that is written as an
 * IPv6 one ({@code ::ffff:192.0.2.7}) is the IPv4 address.
 */
public final class IpAddress {
    private static final int V4_BYTES = 4;
    private static final int V6_NETWORK_BYTES = 8;
    private static final int V6_MAX_LENGTH = 45;

    private final byte[] bytes;

    private IpAddress(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Reads an address without brackets, zone or port.
     *
     * @return empty when it is none
     */
    public static Optional<IpAddress> parse(String text) {
        return text.indexOf(':') < 0 ? v4(text) : v6(text);
    }

    /** Four numbers without leading zeros, which some read as octal. */
    private static Optional<IpAddress> v4(String text) {
        byte[] bytes = new byte[V4_BYTES];
        int at = 0;
        for (int octet = 0; octet < V4_BYTES; octet++) {
            int end = octet < V4_BYTES - 1 ? text.indexOf('.', at) : text.length();
            int value = octet(text, at, end);
            if (value < 0) {
                return Optional.empty();
            }
            bytes[octet] = (byte) value;
            at = end + 1;
        }
        return Optional.of(new IpAddress(bytes));
    }

    /** From 0 to 255; -1 when it is none. */
    private static int octet(String text, int begin, int end) {
        if (end <= begin || end - begin > 3 || (text.charAt(begin) == '0' && end - begin > 1)) {
            return -1;
        }
        int value = 0;
        for (int at = begin; at < end; at++) {
            int digit = text.charAt(at) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value > 255 ? -1 : value;
    }

    private static Optional<IpAddress> v6(String text) {
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c >= 0x7f || (Character.digit(c, 16) < 0 && c != ':' && c != '.')) {
                return Optional.empty();
            }
        }
        if (text.length() > V6_MAX_LENGTH) {
            return Optional.empty();
        }
        try {
            // In brackets it is taken as an IPv6 address or refused, never as a name.
            return Optional.of(
                    new IpAddress(InetAddress.getByName("[" + text + "]").getAddress()));
        } catch (UnknownHostException notAnAddress) {
            return Optional.empty();
        }
    }

    /** Reads an address as a container tells it: brackets and a zone are dropped. */
    public static Optional<IpAddress> ofPeer(String text) {
        String bare = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        int zone = bare.indexOf('%');
        return parse(zone > 0 ? bare.substring(0, zone) : bare);
    }

    /** Whether it means this machine: 127.0.0.0/8 or ::1. */
    public boolean isLoopback() {
        return inet().isLoopbackAddress();
    }

    /** How many bits it has: 32 or 128. */
    int bits() {
        return bytes.length * Byte.SIZE;
    }

    /** The same address with all bits but the first ones 0. */
    IpAddress first(int firstBits) {
        byte[] masked = bytes.clone();
        for (int bit = firstBits; bit < bits(); bit++) {
            masked[bit / Byte.SIZE] &= (byte) ~(0x80 >>> bit % Byte.SIZE);
        }
        return new IpAddress(masked);
    }

    /** What counts as one guest: the address, of IPv6 the network of 64 bits, which is one household's. */
    public String household() {
        return HexFormat.of().formatHex(bytes, 0, bytes.length == V4_BYTES ? V4_BYTES : V6_NETWORK_BYTES);
    }

    private InetAddress inet() {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IpAddress address && Arrays.equals(bytes, address.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** In its plain form, such as {@code 192.0.2.7} or {@code 2001:db8:0:0:0:0:0:1}. */
    @Override
    public String toString() {
        return inet().getHostAddress();
    }
}
