package dev.keyway.faults;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An upstream that is only a socket: does on the wire what no HTTP library would. What it does to a request is said by
 * the request's header {@code X-Fault}, the name of one of {@link Scripts}; each request counts for the cell in {@code
 * X-Cell} from its head's last byte on.
 */
final class RawUpstream implements Closeable {
    private static final int BACKLOG = 200;

    private final ServerSocket server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<Turn> turns = new ArrayList<>();
    private final AtomicInteger broken = new AtomicInteger();
    private final AtomicInteger playing = new AtomicInteger();
    private final AtomicReference<Turn.Death> staleDeath = new AtomicReference<>();

    RawUpstream() throws IOException {
        daemon(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "raw-upstream");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                daemon(() -> serve(socket));
            } catch (IOException closed) {
                broken.incrementAndGet();
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            boolean reused = false;
            for (String head = head(in); !head.isEmpty(); head = head(in)) {
                Turn turn = taken(new Turn(socket, in, head));
                playing.incrementAndGet();
                try {
                    play(turn, reused);
                } finally {
                    playing.decrementAndGet();
                }
                if (turn.isOver()) {
                    return;
                }
                reused = true;
            }
        } catch (IOException e) {
            broken.incrementAndGet();
        } finally {
            open.remove(socket);
        }
    }

    private void play(Turn turn, boolean reused) throws IOException {
        Turn.Death death = reused ? staleDeath.getAndSet(null) : null;
        if (death != null) {
            turn.die(death);
        } else {
            Scripts.byName(turn.header("X-Fault")).play(turn, this);
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private synchronized Turn taken(Turn turn) {
        turns.add(turn);
        return turn;
    }

    /** The next request on a connection that has served before dies so, unanswered. */
    void nextReuseDies(Turn.Death how) {
        staleDeath.set(how);
    }

    /** Whether that death is still to come. */
    boolean deathIsPending() {
        return staleDeath.get() != null;
    }

    /** Whether no request is being answered, or held open for an answer that will not come. */
    boolean isIdle() {
        return playing.get() == 0;
    }

    /** How many requests of a cell came before this one. */
    synchronized int before(Turn turn) {
        int count = 0;
        for (Turn other : turns) {
            if (other == turn) {
                return count;
            }
            count += other.cell().equals(turn.cell()) ? 1 : 0;
        }
        return count;
    }

    /** The requests of a cell, in the order they came. */
    synchronized List<Attempt> attempts(String cell) {
        return turns.stream()
                .filter(turn -> turn.cell().equals(cell))
                .map(Turn::attempt)
                .toList();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
