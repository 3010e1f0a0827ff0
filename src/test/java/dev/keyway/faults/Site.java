package dev.keyway.faults;

import java.io.IOException;
import java.nio.file.Path;

/** Where the gateways of the table run: one for each of {@link Upstreams#settings}. */
interface Site extends AutoCloseable {
    int port(String gateway);

    /** What stands before a path of the gateway's. */
    String prefix(String gateway);

    /** The gateway's home folder. */
    Path home(String gateway);

    /** All that the site itself has written; empty when it writes nothing of its own. */
    String output() throws IOException;

    @Override
    void close() throws IOException;
}
