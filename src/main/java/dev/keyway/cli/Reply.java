package dev.keyway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What came of one thing that was asked of a {@link KeyDesk}; free of keys. */
sealed interface Reply {
    /** The admin API's answer, or what it would have been. */
    record Done(ObjectNode body) implements Reply {}

    /** Refused, not there, or nobody answered; the message is for people, one line. */
    record Refused(String message) implements Reply {}
}
