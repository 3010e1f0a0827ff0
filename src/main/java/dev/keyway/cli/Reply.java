package dev.keyway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What came of one thing that was asked of a {@link KeyDesk}; free of keys. */
sealed interface Reply {
    /** The admin API's answer, or what it would have been. */
    record Done(ObjectNode body) implements Reply {}

    /**
     * Refused, not there, or nobody answered.
     *
     * @param message for people, one line
     * @param details all that was wrong, one line each; empty when the message says it
     */
    record Refused(String message, List<String> details) implements Reply {
        public Refused {
            details = List.copyOf(details);
        }

        Refused(String message) {
            this(message, List.of());
        }
    }
}
