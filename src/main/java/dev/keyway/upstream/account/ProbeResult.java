package dev.keyway.upstream.account;

import dev.keyway.keys.KeyCredit;

/** What came of asking the upstream about a key; no key in it. */
public sealed interface ProbeResult {
    /** The upstream takes the key. */
    record Accepted(KeyCredit credit) implements ProbeResult {}

    /** The upstream does not take the key: it answered 401, or 403. */
    record Refused(int status) implements ProbeResult {}

    /**
     * Nothing was learned about the key.
     *
     * @param reason one word, such as {@code timeout}, {@code dns_failed}, {@code answered_502}
     */
    record Unreachable(String reason) implements ProbeResult {}

    /** The pool has no key of this id. */
    record NoSuchKey() implements ProbeResult {}
}
