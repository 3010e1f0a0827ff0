package dev.keyway.stream;

import java.nio.charset.StandardCharsets;

/**
 * Tells in one pass over an event's bytes whether it is worth reading: it names usage, an error, a reason to finish
 * that is not null, or is the last of its stream. Sequence numbers are picked up on the way.
 */
final class EventHints {
    private static final byte[] USAGE = key("usage");
    private static final byte[] ERROR = key("error");
    private static final byte[] FINISH_REASON = key("finish_reason");
    private static final byte[] STOP_REASON = key("stop_reason");
    private static final byte[] SEQUENCE_NUMBER = key("sequence_number");
    private static final byte[] MESSAGE_STOP = key("message_stop");
    private static final byte[] COMPLETED = key("response.completed");
    private static final byte[] INCOMPLETE = key("response.incomplete");
    private static final byte[] FAILED = key("response.failed");
    private static final int MAX_DIGITS = 18;

    private long sequenceNumber = -1;

    private static byte[] key(String name) {
        return (name + '"').getBytes(StandardCharsets.US_ASCII);
    }

    /** The sequence number of the last event looked at that had one; -1 before. */
    long sequenceNumber() {
        return sequenceNumber;
    }

    /** Whether the event with these data is worth reading. */
    boolean worth(byte[] data, int from, int to) {
        boolean worth = false;
        for (int at = from; at < to; at++) {
            if (data[at] == '"' && at + 1 < to) {
                worth |= worthAt(data, at + 1, to);
            }
        }
        return worth;
    }

    private boolean worthAt(byte[] data, int at, int to) {
        return switch (data[at]) {
            case 'u' -> has(USAGE, data, at, to) && !isNull(data, at + USAGE.length, to);
            case 'e' -> has(ERROR, data, at, to) && !isNull(data, at + ERROR.length, to);
            case 'f' -> has(FINISH_REASON, data, at, to) && !isNull(data, at + FINISH_REASON.length, to);
            case 's' -> {
                if (has(SEQUENCE_NUMBER, data, at, to)) {
                    readSequence(data, valueAt(data, at + SEQUENCE_NUMBER.length, to), to);
                }
                yield has(STOP_REASON, data, at, to) && !isNull(data, at + STOP_REASON.length, to);
            }
            case 'm' -> has(MESSAGE_STOP, data, at, to);
            case 'r' -> has(COMPLETED, data, at, to) || has(INCOMPLETE, data, at, to) || has(FAILED, data, at, to);
            default -> false;
        };
    }

    private static boolean has(byte[] word, byte[] data, int at, int to) {
        if (word.length > to - at) {
            return false;
        }
        for (int i = 1; i < word.length; i++) {
            if (data[at + i] != word[i]) {
                return false;
            }
        }
        return true;
    }

    private static int valueAt(byte[] data, int from, int to) {
        int at = from;
        while (at < to && (data[at] == ' ' || data[at] == ':' || data[at] == '\t' || data[at] == '\n')) {
            at++;
        }
        return at;
    }

    private static boolean isNull(byte[] data, int from, int to) {
        int at = valueAt(data, from, to);
        return at < to && data[at] == 'n';
    }

    private void readSequence(byte[] data, int from, int to) {
        long number = 0;
        int at = from;
        while (at < to && at - from < MAX_DIGITS && data[at] >= '0' && data[at] <= '9') {
            number = 10 * number + data[at++] - '0';
        }
        if (at > from) {
            sequenceNumber = number;
        }
    }
}
