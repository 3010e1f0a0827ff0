package dev.keyway.cli;

import java.util.List;

/** Nobody can be asked about the keys; the lines say why and what to do. */
final class NoDeskException extends Exception {
    private static final long serialVersionUID = 1L;

    NoDeskException(String line) {
        super(line);
    }

    NoDeskException(List<String> lines) {
        super(String.join("\n", lines));
    }

    List<String> lines() {
        return String.valueOf(getMessage()).lines().toList();
    }
}
