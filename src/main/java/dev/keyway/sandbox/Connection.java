package dev.keyway.sandbox;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One client connection: reads request after request, has each answered, notices when the client leaves. */
final class Connection implements Call.Line, Runnable {
    private static final int DRAIN_BYTES = 1 << 20;
    private static final int DRAIN_MILLIS = 1_000;
    private final int number;
    private final Socket socket;
    private final Engine engine;
    private final SandboxOptions options;
    private final PushbackInputStream in;
    private final OutputStream out;

    Connection(int number, Socket socket, Engine engine, SandboxOptions options) throws IOException {
        this.number = number;
        this.socket = socket;
        this.engine = engine;
        this.options = options;
        this.in = new PushbackInputStream(new BufferedInputStream(socket.getInputStream(), 16 * 1024), 1);
        this.out = socket.getOutputStream();
    }

    @Override
    public void run() {
        try (socket) {
            if (options.tls() != null && options.tls().stalls()) {
                hold();
            }
            RequestReader reader = new RequestReader(in, out, options.maxBody());
            boolean more = true;
            while (more) {
                socket.setSoTimeout(millis(options.idleTimeout()));
                WireRequest request = reader.head();
                more = request != null && serve(reader, request);
            }
        } catch (IOException e) {
            // Broken connections are this program's daily bread; what matters of them stands in Received.
            engine.noticed(e);
        }
    }

    private boolean serve(RequestReader reader, WireRequest request) throws IOException {
        Received received = engine.received(request, number);
        AnswerWriter answer =
                new AnswerWriter(socket, out, received, request.method().equals("HEAD"));
        Call call = new Call(request, received, answer, this);
        try {
            boolean early = engine.answersEarly(call);
            if (early || !reader.body(request)) {
                if (!early) {
                    engine.tooLarge(call);
                }
                linger();
                return false;
            }
            engine.record(received);
            engine.answer(call);
            return !answer.broken() && answer.over() && request.keepAlive();
        } catch (IOException e) {
            if (!answer.over() && !engine.closing()) {
                received.clientClosed();
            }
            throw e;
        } finally {
            engine.over(received);
        }
    }

    /** Closing with unread bytes would reset the connection and lose the answer, so what still comes is read. */
    private void linger() throws IOException {
        socket.shutdownOutput();
        socket.setSoTimeout(DRAIN_MILLIS);
        byte[] sink = new byte[8 * 1024];
        int drained = 0;
        int read = in.read(sink);
        while (read > 0 && drained < DRAIN_BYTES) {
            drained += read;
            read = in.read(sink);
        }
    }

    @Override
    public void pause(Duration time) throws IOException {
        if (time.isZero() || time.isNegative()) {
            return;
        }
        long end = System.nanoTime() + time.toNanos();
        socket.setSoTimeout(millis(time));
        if (peek()) {
            // A pipelined request is waiting, so a close can't be seen behind it.
            long left = end - System.nanoTime();
            while (left > 0) {
                LockSupport.parkNanos(left);
                left = end - System.nanoTime();
            }
        }
    }

    @Override
    public void hold() throws IOException {
        socket.setSoTimeout(0);
        byte[] sink = new byte[1024];
        int read = in.read(sink);
        while (read >= 0) {
            read = in.read(sink);
        }
        throw new ClientGoneException();
    }

    @Override
    public void lend(Conversation conversation) throws IOException {
        socket.setSoTimeout(0);
        try {
            peek();
        } catch (IOException e) {
            if (conversation.ended().getCount() > 0) {
                throw e;
            }
        }
        try {
            conversation.ended().await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** True when the client sent more before the time-out; false when it was silent. */
    private boolean peek() throws IOException {
        try {
            int next = in.read();
            if (next < 0) {
                throw new ClientGoneException();
            }
            in.unread(next);
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    private static int millis(@Nullable Duration time) {
        return time == null ? 0 : (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(time.toNanos()));
    }

    void close() throws IOException {
        socket.close();
    }
}
