package dev.keyway.stream;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Holds the unfinished last event of a stream back until it is complete and its sieve has seen it: at most 1 MiB and
 * what one chunk adds to it. A longer event is let go as it comes, unseen. A LF that comes behind the CR that ended an
 * event goes the way of that event.
 */
final class SievedEvents implements EventFlow {
    private static final int FIRST_BUFFER = 512;
    private static final byte[] NOTHING = {};

    private final EventSieve sieve;
    private byte[] held = NOTHING;
    private int heldLength;
    private boolean lineEmpty = true;
    /** The last byte was a CR, so that a LF behind it ends no line of its own. */
    private boolean afterCr;
    /** The last byte ended an event. */
    private boolean between = true;
    /** Whether the last complete event passed. */
    private boolean passed = true;
    /** The event that is open is too long to be held: it goes out as it comes. */
    private boolean letGo;

    SievedEvents(EventSieve sieve) {
        this.sieve = sieve;
    }

    @Override
    public List<ByteBuffer> push(ByteBuffer chunk) {
        List<ByteBuffer> out = new ArrayList<>(2);
        int start = chunk.position();
        if (between && afterCr && chunk.hasRemaining() && chunk.get(start) == '\n') {
            afterCr = false;
            start++;
            if (passed) {
                out.add(chunk.slice(start - 1, 1));
            }
        }
        for (int at = start; at < chunk.limit(); at++) {
            if (endsEvent(chunk.get(at))) {
                boolean crlf = afterCr && at + 1 < chunk.limit() && chunk.get(at + 1) == '\n';
                if (crlf) {
                    afterCr = false;
                    at++;
                }
                emit(chunk.slice(start, at + 1 - start), out);
                start = at + 1;
            }
        }
        keep(chunk, start, out);
        return out;
    }

    private boolean endsEvent(byte b) {
        if (b == '\n' && afterCr) {
            afterCr = false;
            return false;
        }
        afterCr = b == '\r';
        boolean lineEnds = afterCr || b == '\n';
        between = lineEnds && lineEmpty;
        lineEmpty = lineEnds;
        return between;
    }

    private void emit(ByteBuffer end, List<ByteBuffer> out) {
        ByteBuffer event = end;
        if (heldLength > 0) {
            hold(end, 0);
            event = take();
        }
        passed = letGo || sieve.passes(event);
        letGo = false;
        if (passed) {
            out.add(event);
        }
    }

    private void keep(ByteBuffer chunk, int start, List<ByteBuffer> out) {
        int size = chunk.limit() - start;
        if (size == 0) {
            return;
        }
        if (!letGo && size > MAX_HELD - heldLength) {
            letGo = true;
            if (heldLength > 0) {
                out.add(take());
            }
        }
        if (letGo) {
            out.add(chunk.slice(start, size));
        } else {
            hold(chunk, start);
        }
    }

    private void hold(ByteBuffer bytes, int from) {
        int size = bytes.limit() - from;
        if (size > held.length - heldLength) {
            held = Arrays.copyOf(held, Math.max(heldLength + size, Math.max(FIRST_BUFFER, 2 * held.length)));
        }
        bytes.get(from, held, heldLength, size);
        heldLength += size;
    }

    @Override
    public ByteBuffer rest() {
        ByteBuffer event = take();
        return sieve.passes(event) ? event : ByteBuffer.wrap(NOTHING);
    }

    private ByteBuffer take() {
        ByteBuffer event = ByteBuffer.wrap(held, 0, heldLength);
        held = NOTHING;
        heldLength = 0;
        return event;
    }

    @Override
    public boolean insideEvent() {
        return letGo;
    }

    @Override
    public String closing() {
        return letGo ? "\n\n" : "";
    }
}
