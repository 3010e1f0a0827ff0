package dev.keyway.testing;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.Permission;
import java.util.regex.Pattern;

/**
 * Writes down every name that its process looks up, every address it connects or sends to, every port it opens and every
 * program it starts, and forbids nothing. Given to Java 17 to 23 as {@code -Djava.security.manager}, the one place of
 * the platform that sees them all, whichever library asks; the file is {@code -Dcontacts.file}.
 */
@SuppressWarnings("removal")
public final class ContactRecorder extends SecurityManager {
    /** What the platform says for a look-up in place of a port. */
    private static final int LOOKUP = -1;

    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.%a-z]*");

    private final FileOutputStream file;

    public ContactRecorder() throws IOException {
        file = new FileOutputStream(System.getProperty("contacts.file"), true);
    }

    private synchronized void record(String what) {
        try {
            file.write((what + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void checkConnect(String host, int port) {
        if (port != LOOKUP) {
            record("connect " + host + ":" + port);
        } else if (!ADDRESS.matcher(host).matches()) {
            // With an address the platform only asks whether a socket may show its own.
            record("lookup " + host);
        }
    }

    @Override
    public void checkConnect(String host, int port, Object context) {
        checkConnect(host, port);
    }

    @Override
    public void checkListen(int port) {
        record("listen " + port);
    }

    @Override
    public void checkAccept(String host, int port) {
        record("accept " + host);
    }

    @Override
    public void checkMulticast(InetAddress address) {
        record("multicast " + address.getHostAddress());
    }

    @Override
    public void checkExec(String command) {
        record("exec " + command);
    }

    @Override
    public void checkPermission(Permission permission) {
        // Nothing is forbidden.
    }

    @Override
    public void checkPermission(Permission permission, Object context) {
        // Nothing is forbidden.
    }
}
