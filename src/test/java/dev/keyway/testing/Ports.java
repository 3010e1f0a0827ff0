package dev.keyway.testing;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of the loopback address. */
public final class Ports {
    /** Below those that Linux gives to outgoing connections: no test's client takes one before it is listened on. */
    private static final int FIRST = 12_000;

    private static final int END = 32_000;
    private static final int TRIES = 100;

    private Ports() {}

    /** One that nobody listens on at the moment, for a program that can't take any free one by itself. */
    public static int free() throws IOException {
        for (int i = 1; ; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, END);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                if (i == TRIES) {
                    throw taken;
                }
            }
        }
    }

    /** Whether somebody takes connections there. */
    public static boolean isOpen(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }
}
