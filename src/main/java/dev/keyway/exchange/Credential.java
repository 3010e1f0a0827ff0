package dev.keyway.exchange;

import dev.keyway.wire.Secret;

/** Whose key goes to the upstream with a request. */
public sealed interface Credential {
    /** A key of the pool, leased for each attempt. */
    record Pool() implements Credential {}

    /** The caller's own key, forwarded untouched, one attempt, the pool is not involved. */
    record Own(Secret secret) implements Credential {}

    /** No key at all: a public endpoint, or a caller without one where there is no pool. */
    record None() implements Credential {}
}
