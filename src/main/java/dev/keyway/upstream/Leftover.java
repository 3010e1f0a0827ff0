package dev.keyway.upstream;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpException;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a request's input and its reader, and throws away what still comes once the request was refused.
 *
 * <p>A connection that is closed while bytes are unread is reset, and a client that is still sending then never reads why
 * it was refused. So after the answer its body is read on, for at most {@link #LONGEST}, and only then the exchange ends.
 */
final class Leftover implements ReadListener {
    private static final Duration LONGEST = Duration.ofSeconds(2);
    private static final int PIECE = 16 * 1024;

    private final ServletInputStream input;
    private final @Nullable ReadListener reader;
    private final ScheduledExecutorService timer;
    /** How much of an answer waits until the input is over. */
    private final int heldBack;

    private final AtomicBoolean over = new AtomicBoolean();
    private volatile @Nullable Runnable end;
    private volatile boolean read;
    private volatile boolean called;
    private @Nullable Future<?> clock;

    /** @param reader who reads the input until it is refused; null when it was refused by its head */
    Leftover(HttpServletRequest request, @Nullable ReadListener reader, ScheduledExecutorService timer)
            throws IOException {
        this.input = request.getInputStream();
        this.reader = reader;
        this.timer = timer;
        this.heldBack = endsWithAnswer(request.getServletContext()) ? 1 : 0;
    }

    /** Becomes the input's read listener. */
    void listen() {
        input.setReadListener(this);
    }

    /**
     * Whether the container closes the input with the answer's last byte, as Tomcat does from Servlet 6.1 on: what still
     * comes could then not be thrown away, and the connection would be cut off.
     */
    private static boolean endsWithAnswer(ServletContext container) {
        boolean since61 = container.getMajorVersion() > 6
                || (container.getMajorVersion() == 6 && container.getMinorVersion() >= 1);
        return since61 && container.getServerInfo().contains("Tomcat");
    }

    /** Whether something may still come. */
    boolean isExpected() {
        return !read && !input.isFinished();
    }

    /**
     * Writes a whole answer whose length is announced, throws the rest away and ends the exchange.
     *
     * @param written run when all was written that goes out at once
     */
    void refuse(ClientWriter writer, byte[] answer, Runnable written) {
        int atOnce = answer.length - heldBack;
        writer.write(ByteBuffer.wrap(answer, 0, atOnce), () -> {
            written.run();
            discard(() -> {
                writer.write(ByteBuffer.wrap(answer, atOnce, heldBack), () -> {});
                writer.end(() -> {});
            });
        });
    }

    /** Throws the rest away from now on; {@code whenOver} is run once, maybe at once. */
    private void discard(Runnable whenOver) {
        end = whenOver;
        try {
            synchronized (this) {
                clock = timer.schedule(this::finish, LONGEST.toMillis(), TimeUnit.MILLISECONDS);
            }
            // The first call is the container's: Tomcat must not find the exchange ended when it comes to make it.
            if (called) {
                pump();
            }
        } catch (IOException | IllegalStateException | RejectedExecutionException e) {
            finish();
        }
    }

    /**
     * Whether the body is no HTTP, in place of a client that left: an answer can still be read. Jetty tells a client that
     * ended in the middle alike.
     */
    static boolean isMalformed(Throwable failure) {
        return failure instanceof HttpException
                || failure.getClass().getName().equals("org.apache.coyote.BadRequestException");
    }

    private void pump() throws IOException {
        byte[] trash = new byte[PIECE];
        synchronized (this) {
            while (!over.get() && input.isReady()) {
                if (input.read(trash) < 0) {
                    break;
                }
            }
        }
        if (!isExpected()) {
            finish();
        }
    }

    private void finish() {
        Runnable then = end;
        if (then != null && over.compareAndSet(false, true)) {
            synchronized (this) {
                if (clock != null) {
                    clock.cancel(false);
                }
            }
            then.run();
        }
    }

    @Override
    public void onDataAvailable() throws IOException {
        called = true;
        if (end != null) {
            pump();
        } else if (reader != null) {
            reader.onDataAvailable();
        }
    }

    @Override
    public void onAllDataRead() throws IOException {
        read = true;
        if (end != null) {
            finish();
        } else if (reader != null) {
            reader.onAllDataRead();
        }
    }

    @Override
    public void onError(Throwable failure) {
        read = true;
        if (end != null) {
            finish();
        } else if (reader != null) {
            reader.onError(failure);
        }
    }
}
