package dev.keyway.sandbox;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How one request is to be answered: normally, or under the {@link Faults} that were asked for. For one request. */
final class Plan {
    /** What breaks an answer off in the middle. */
    enum Stop {
        NONE,
        STALL,
        CUT,
        RESET,
        ERROR,
        ERROR_TEXT,
        ERROR_DONE
    }

    /** What follows the padding before an answer. */
    enum AfterPadding {
        ANSWER,
        ERROR,
        CLOSE
    }

    /** Makes the error that refuses a request. */
    interface Refusal {
        ApiError of(String model, String provider);
    }

    static final int HALF = -1;
    Duration gap;
    Duration beforeHead = Duration.ZERO;
    Duration beforeToken = Duration.ZERO;

    @Nullable
    Refusal refusal;

    @Nullable
    Reply fixed;
    /** Bytes sent in place of an answer; then the connection is closed. */
    @Nullable
    String garbage;

    Stop stop = Stop.NONE;
    long stopAfter;
    int stopBytes = HALF;
    /** CUT or RESET before the head. */
    Stop vanish = Stop.NONE;

    /** Refused as if the free tier's day were used up. */
    boolean platformLimit;

    int firstError;
    boolean errorBody;
    int padding;
    Duration paddingGap = Duration.ZERO;
    AfterPadding afterPadding = AfterPadding.ANSWER;
    int split;
    boolean crlf;
    /** Pause between two writes of {@link #split} bytes. */
    Duration drip = Duration.ZERO;

    boolean gzip;
    boolean gzipBroken;
    /** MiB of blanks before a compressed answer. */
    int blanks;

    int headerKib;
    boolean noDone;
    boolean afterDone;
    boolean brokenJson;
    OddUsage usage = OddUsage.RIGHT;
    boolean leak;
    boolean strangeHeaders;
    boolean closeAfter;
    int interim;
    String contentType = "";
    int usageForm = 1;
    /** Pieces of text in place of the normal answer; 0: the normal answer. */
    long pieces;

    int pieceLength = 8;

    /** Whether another model of the request's list would be tried instead. */
    boolean refuses() {
        return refusal != null || platformLimit;
    }

    Plan(Duration gap) {
        this.gap = gap;
    }
}
