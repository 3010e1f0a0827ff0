package dev.keyway.catalogue;

import dev.keyway.wire.ErrorCode;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Asks the upstream for its list of models, without any key, since the list is public. */
public interface ModelsSource {
    /**
     * Asks once.
     *
     * @param etag of the list that is there; null: none is, or it had none
     * @return completed soon, at the latest after the source's own time limit, and never exceptionally
     */
    CompletionStage<Fetched> fetch(@Nullable String etag);

    /** What came of it. */
    sealed interface Fetched {
        /**
         * A whole answer of status 200.
         *
         * @param body not yet read, and perhaps no list
         * @param etag as the upstream wrote it; null without
         */
        @SuppressWarnings("ArrayRecordComponent") // never compared as a record
        record Whole(byte[] body, @Nullable String etag) implements Fetched {}

        /** The list that is there is still the upstream's. */
        record NotModified() implements Fetched {}

        /**
         * No list.
         *
         * @param code what a client is told
         * @param reason for the log and for people: {@code connect_failed}, {@code status 503}
         * @param again whether it may be better in a moment
         */
        record Failed(ErrorCode code, String reason, boolean again) implements Fetched {}
    }
}
