package dev.keyway.watch;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client that is looked for; all but its age belongs to the thread that looks. */
final class WatchedClient {
    private static final int LOOKS_TO_BE_MISSED = 2;

    private final TcpConnection connection;
    private final BooleanSupplier mayBeForwarded;
    private final Consumer<Departure> onGone;
    private final long since = System.nanoTime();
    private long inode;
    private int missed;

    WatchedClient(TcpConnection connection, BooleanSupplier mayBeForwarded, Consumer<Departure> onGone) {
        this.connection = connection;
        this.mayBeForwarded = mayBeForwarded;
        this.onGone = onGone;
    }

    TcpConnection connection() {
        return connection;
    }

    /** Whether its addresses can be taken for the connection's own when others of this end are. */
    boolean isDirect() {
        return !mayBeForwarded.getAsBoolean();
    }

    boolean isOlderThan(long nanos) {
        return System.nanoTime() - since > nanos;
    }

    /** Whether the last look missed it. */
    boolean isInDoubt() {
        return missed > 0;
    }

    /**
     * How it left, if it has.
     *
     * @param found what the tables say of its connection
     * @param whole whether all of the tables were read, or enough to find everyone
     * @param missingCounts whether it must stand in them as long as it is there; it must in any case once it did
     */
    Optional<Departure> judge(Search.@Nullable Socket found, boolean whole, boolean missingCounts) {
        if (found != null && found.state() == TcpTable.CLOSE_WAIT) {
            return Optional.of(Departure.CLOSED);
        }
        // The same addresses and ports may be a new connection's by now.
        if (found != null && found.state() == TcpTable.ESTABLISHED && (inode == 0 || inode == found.inode())) {
            inode = found.inode();
            missed = 0;
        } else if (whole && (inode != 0 || missingCounts)) {
            missed++;
        }
        return missed < LOOKS_TO_BE_MISSED ? Optional.empty() : Optional.of(Departure.RESET);
    }

    void tell(Departure how) {
        onGone.accept(how);
    }
}
