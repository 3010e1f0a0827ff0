package dev.keyway.cli;

import java.io.InputStream;
import java.util.Optional;

/** The person at the keyboard, and what is piped in. */
public interface Terminal {
    /** Nobody at the keyboard, nothing piped in. */
    Terminal NOBODY = new Terminal() {
        @Override
        public boolean isPresent() {
            return false;
        }

        @Override
        public Optional<String> askSecret(String question) {
            return Optional.empty();
        }

        @Override
        public Optional<String> ask(String question) {
            return Optional.empty();
        }

        @Override
        public InputStream piped() {
            return InputStream.nullInputStream();
        }
    };

    /** Whether there is someone to ask. */
    boolean isPresent();

    /** Asks, and shows nothing of what is typed; empty when the input ends instead. */
    Optional<String> askSecret(String question);

    /** Asks; empty when the input ends instead. */
    Optional<String> ask(String question);

    /** What is piped in, up to its end. */
    InputStream piped();
}
