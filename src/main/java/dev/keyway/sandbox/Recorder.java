package dev.keyway.sandbox;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last requests, bounded by number and by the bytes of their bodies. */
final class Recorder {
    private final int maxRequests;
    private final long maxBytes;
    private final Deque<Received> kept = new ArrayDeque<>();
    private long bytes;

    Recorder(int maxRequests, long maxBytes) {
        this.maxRequests = maxRequests;
        this.maxBytes = maxBytes;
    }

    /** How many bytes of one answer's body may be kept. */
    int answerBytes() {
        return (int) Math.min(Integer.MAX_VALUE, maxBytes / 16);
    }

    synchronized void add(Received received) {
        kept.addLast(received);
        received.counted = received.keptLength();
        bytes += received.counted;
        trim();
    }

    /** Counts what the answer added. */
    synchronized void finished(Received received) {
        if (received.counted >= 0) {
            long now = received.keptLength();
            bytes += now - received.counted;
            received.counted = now;
            trim();
        }
    }

    private void trim() {
        while (kept.size() > 1 && (kept.size() > maxRequests || bytes > maxBytes)) {
            Received oldest = kept.removeFirst();
            bytes -= oldest.counted;
            oldest.counted = -1;
        }
    }

    synchronized List<Received> all() {
        return List.copyOf(kept);
    }

    synchronized void clear() {
        kept.forEach(received -> received.counted = -1);
        kept.clear();
        bytes = 0;
    }
}
