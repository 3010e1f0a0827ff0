package dev.keyway.launch;

import java.io.IOException;

/** Another program listens on the port already. */
public final class PortInUseException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int port;

    PortInUseException(int port, Throwable cause) {
        super("port " + port + " is in use", cause);
        this.port = port;
    }

    /** The port asked for. */
    public int port() {
        return port;
    }
}
