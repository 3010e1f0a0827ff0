package dev.keyway.stream;

/** What the first bytes of a 200 have shown so far. */
public sealed interface FirstWord {
    /** Not enough yet: comments, padding, members that say nothing. */
    record Pending() implements FirstWord {}

    /** It is an answer: relay it. */
    record Answer() implements FirstWord {}

    /**
     * It is an error in the clothes of a 200.
     *
     * @param status the HTTP status it stands for, 400 to 599
     * @param json the error as a JSON object with a top-level {@code error}, the upstream's own bytes where it had one
     */
    @SuppressWarnings("ArrayRecordComponent") // handed from one owner to the next, never compared
    record Failure(int status, byte[] json) implements FirstWord {}

    /**
     * It is nothing that an API answers with.
     *
     * @param what for a message: {@code an empty body}, {@code an HTML page} …
     */
    record NoAnswer(String what) implements FirstWord {}
}
