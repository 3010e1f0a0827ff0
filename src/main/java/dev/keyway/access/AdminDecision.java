package dev.keyway.access;

import dev.keyway.wire.ErrorCode;

/** What was decided about somebody who asks for an administrator's page. */
sealed interface AdminDecision {
    /** It may go on. */
    record Granted(By by) implements AdminDecision {}

    /** It may not, and nothing was guessed. */
    record Refused(ErrorCode code, String message) implements AdminDecision {}

    /** It showed a secret, and not the right one. */
    record WrongSecret() implements AdminDecision {}

    /** What opened the door. */
    enum By {
        /** {@code admin.secret}. */
        SECRET,
        /** The token of the running process, which only who reads its files can know. */
        TOKEN,
        /** No secret is set, and the request is local. */
        LOCAL,
        /** A browser asks, without credential, what it may send for a page of a listed origin. */
        PREFLIGHT
    }
}
