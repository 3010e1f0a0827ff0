package dev.keyway.watch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;

/**
 * Reads Linux's tables of TCP sockets, {@code /proc/self/net/tcp} and {@code tcp6}, in one pass and a fixed amount of
 * memory; nothing is made for a row nobody asked for. For one thread.
 */
final class TcpTable {
    /** States, as the kernel numbers them. */
    static final int ESTABLISHED = 0x01;

    static final int CLOSE_WAIT = 0x08;
    static final int LISTEN = 0x0A;

    // The kernel hands out at most a page or two at a time, and a row has less than 200 bytes.
    private static final int BUFFER = 8 * 1024;
    private static final int WORD_DIGITS = 8;
    private static final int V6_DIGITS = 32;
    private static final int COLUMNS_TO_INODE = 5;
    private static final boolean SWAPPED = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private final int maxRows;
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int end;
    private long high;
    private long low;

    /** @param maxRows where it stops reading */
    TcpTable(int maxRows) {
        this.maxRows = maxRows;
    }

    /** Told of the rows. */
    interface Rows {
        /** Whether a row with this port of the other end may be of interest. */
        boolean wants(int remotePort);

        /**
         * A row that may be of interest.
         *
         * @param inode the socket's own number, 0 when no process holds it
         * @return whether to read on
         */
        boolean row(TcpConnection connection, int state, long inode);
    }

    /** Reads to the end, or until it is told to stop; false: there are more rows than it may read. */
    boolean read(InputStream table, Rows rows) throws IOException {
        int filled = 0;
        int count = 0;
        for (int read = table.read(buffer); read >= 0; read = table.read(buffer, filled, BUFFER - filled)) {
            int start = 0;
            for (int i = filled; i < filled + read; i++) {
                if (buffer[i] == '\n') {
                    if (++count > maxRows) {
                        return false;
                    }
                    if (!row(start, i, rows)) {
                        return true;
                    }
                    start = i + 1;
                }
            }
            filled += read - start;
            if (filled == BUFFER) {
                throw new IOException("a row of more than " + BUFFER + " bytes");
            }
            System.arraycopy(buffer, start, buffer, 0, filled);
        }
        return true;
    }

    /** Whether to read on. What does not look like a row, such as the table's head, is passed over. */
    private boolean row(int from, int to, Rows rows) {
        at = from;
        end = to;
        if (!skipPast(':') || !address()) {
            return true;
        }
        long localHigh = high;
        long localLow = low;
        int localPort = (int) hex();
        if (!address()) {
            return true;
        }
        int remotePort = (int) hex();
        if (localPort < 0 || remotePort < 0 || !rows.wants(remotePort)) {
            return true;
        }
        int state = (int) hex();
        for (int i = 0; i < COLUMNS_TO_INODE; i++) {
            skipWord();
        }
        TcpConnection connection = new TcpConnection(localHigh, localLow, localPort, high, low, remotePort);
        return rows.row(connection, state, decimal());
    }

    /** Reads an address and the colon after it into {@link #high} and {@link #low}. */
    private boolean address() {
        skipBlanks();
        high = 0;
        low = 0;
        int word = 0;
        int digits = 0;
        for (int digit = digit(); digit >= 0 && digits < V6_DIGITS; digit = digit()) {
            at++;
            word = word << 4 | digit;
            if (++digits % WORD_DIGITS == 0) {
                // Each word is printed as the number that its four bytes are to this processor.
                high = high << Integer.SIZE | low >>> Integer.SIZE;
                low = low << Integer.SIZE | Integer.toUnsignedLong(SWAPPED ? Integer.reverseBytes(word) : word);
            }
        }
        if (digits == WORD_DIGITS) {
            low |= TcpConnection.MAPPED;
        } else if (digits != V6_DIGITS) {
            return false;
        }
        return skipPast(':');
    }

    private int digit() {
        return at < end ? Character.digit(buffer[at], 16) : -1;
    }

    /** A number that ends before a blank; -1 without one. */
    private long hex() {
        return number(16);
    }

    private long decimal() {
        return number(10);
    }

    private long number(int radix) {
        skipBlanks();
        long number = -1;
        while (at < end && Character.digit(buffer[at], radix) >= 0) {
            number = Math.max(number, 0) * radix + Character.digit(buffer[at], radix);
            at++;
        }
        return number;
    }

    private boolean skipPast(char wanted) {
        while (at < end) {
            if (buffer[at++] == wanted) {
                return true;
            }
        }
        return false;
    }

    private void skipBlanks() {
        while (at < end && buffer[at] == ' ') {
            at++;
        }
    }

    private void skipWord() {
        skipBlanks();
        while (at < end && buffer[at] != ' ') {
            at++;
        }
    }
}
