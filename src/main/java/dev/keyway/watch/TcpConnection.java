package dev.keyway.watch;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Both ends of a TCP connection, seen from this machine. Addresses are 128 bits; those of IPv4 are mapped into IPv6, so
 * that it does not matter which of the two a socket was made for.
 */
record TcpConnection(long localHigh, long localLow, int localPort, long remoteHigh, long remoteLow, int remotePort) {
    /** What stands before the 32 bits of an IPv4 address. */
    static final long MAPPED = 0xFFFFL << 32;

    private static final int MAX_PORT = 65_535;
    private static final int MAX_OCTET = 255;

    /** From addresses as a container tells them; nothing for what is none, such as the path of a Unix socket. */
    static Optional<TcpConnection> of(String local, int localPort, String remote, int remotePort) {
        if (!isPort(localPort) || !isPort(remotePort)) {
            return Optional.empty();
        }
        return address(local)
                .flatMap(here -> address(remote)
                        .map(there -> new TcpConnection(
                                here.high(), here.low(), localPort, there.high(), there.low(), remotePort)));
    }

    private static boolean isPort(int number) {
        return number > 0 && number <= MAX_PORT;
    }

    /** The own end alone. */
    LocalEnd localEnd() {
        return new LocalEnd(localHigh, localLow, localPort);
    }

    /** An address and a port of this machine. */
    record LocalEnd(long high, long low, int port) {}

    private record Address(long high, long low) {}

    /** By the digits alone: nothing is looked up. */
    private static Optional<Address> address(String text) {
        String bare = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        int zone = bare.indexOf('%');
        String digits = zone > 0 ? bare.substring(0, zone) : bare;
        return digits.indexOf(':') >= 0 ? v6(digits) : v4(digits);
    }

    private static Optional<Address> v4(String text) {
        long bits = 0;
        int octets = 0;
        int octet = -1;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '.';
            if (c == '.') {
                if (octet < 0 || ++octets > Integer.BYTES) {
                    return Optional.empty();
                }
                bits = bits << Byte.SIZE | octet;
                octet = -1;
            } else if (c >= '0' && c <= '9') {
                octet = Math.max(octet, 0) * 10 + (c - '0');
                if (octet > MAX_OCTET) {
                    return Optional.empty();
                }
            } else {
                return Optional.empty();
            }
        }
        return octets == Integer.BYTES ? Optional.of(new Address(0, MAPPED | bits)) : Optional.empty();
    }

    private static Optional<Address> v6(String text) {
        if (!text.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == ':' || c == '.')) {
            return Optional.empty();
        }
        try {
            // In brackets it is taken as an address or refused, never as a name.
            byte[] bytes = InetAddress.getByName("[" + text + "]").getAddress();
            ByteBuffer bits = ByteBuffer.wrap(bytes);
            return bytes.length == Integer.BYTES
                    ? Optional.of(new Address(0, MAPPED | Integer.toUnsignedLong(bits.getInt())))
                    : Optional.of(new Address(bits.getLong(), bits.getLong()));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
