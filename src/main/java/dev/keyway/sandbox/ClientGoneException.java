package dev.keyway.sandbox;

import java.io.IOException;

/** The client closed the connection before its answer was whole. */
final class ClientGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    ClientGoneException() {
        super("the client closed the connection");
    }
}
