package dev.keyway.upstream;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The only one who touches a client's response: parts queue up and are written one after the other, each flushed, with
 * never more than one thread inside.
 *
 * <p>Its end is the delicate part. After a failed write Tomcat calls {@code onError} from a thread of its own while the
 * failing one is still on its way out; completing from the failing thread hands the connection's objects to the next
 * request too early. So there the error call completes, once the writer has left. Elsewhere the writer completes.
 */
final class ClientWriter implements WriteListener, AsyncListener {
    /** How long an error call waits for the writer to leave; it is inside for as long as one non-blocking write. */
    private static final long LEAVE_NANOS = 2_000_000_000L;

    private static final Logger LOG = LogManager.getLogger(ClientWriter.class);

    private final AsyncContext async;
    private final ServletOutputStream output;
    private final boolean containerCompletes;
    private final LongConsumer onBytes;
    private final Consumer<Throwable> onGone;
    private final Runnable onStop;
    private final Queue<Part> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger wip = new AtomicInteger();
    private @Nullable Part current;
    private Stage stage = Stage.WRITE;
    /** Nothing is written any more; who closes it tells why. */
    private final AtomicBoolean closed = new AtomicBoolean();

    private volatile @Nullable Thread inside;

    private enum Stage {
        WRITE,
        FLUSH,
        DONE
    }

    /**
     * What is to be done, in order.
     *
     * @param action run before the write, such as setting the head; null without one
     * @param bytes what is written; empty: only flushed
     * @param flush whether anything is written or flushed at all
     * @param last whether the response is complete with it
     * @param after run after it was flushed; of all but the last part also when it was given up
     */
    private record Part(@Nullable Runnable action, ByteBuffer bytes, boolean flush, boolean last, Runnable after) {}

    /**
     * Takes over the response; the caller registers it as write listener and as async listener.
     *
     * @param containerCompletes whether after a failed write the container's error call completes the exchange
     * @param onBytes told how many bytes were handed to the container
     * @param onGone told once when the client can't be written to any more
     * @param onStop told when the container stops the context and the answer must end at once
     */
    ClientWriter(
            AsyncContext async,
            ServletOutputStream output,
            boolean containerCompletes,
            LongConsumer onBytes,
            Consumer<Throwable> onGone,
            Runnable onStop) {
        this.async = async;
        this.output = output;
        this.containerCompletes = containerCompletes;
        this.onBytes = onBytes;
        this.onGone = onGone;
        this.onStop = onStop;
    }

    /** Does something to the response's head, which must not have been written yet. */
    void head(Runnable action, boolean flush) {
        offer(new Part(action, ByteBuffer.allocate(0), flush, false, () -> {}));
    }

    /** Writes; {@code after} is run when the bytes are not needed any more. */
    void write(ByteBuffer bytes, Runnable after) {
        offer(new Part(null, bytes, true, false, after));
    }

    /** Completes the response; {@code after} is run only if all went well. */
    void end(Runnable after) {
        offer(new Part(null, ByteBuffer.allocate(0), true, true, after));
    }

    /** Breaks off in place of an end; {@code action} does what the container needs for it. */
    void tear(Runnable action) {
        offer(new Part(
                () -> {
                    closed.set(true);
                    action.run();
                },
                ByteBuffer.allocate(0),
                false,
                false,
                () -> {}));
    }

    /** Whether nothing is written any more: all was, or the client is gone. */
    boolean isClosed() {
        return closed.get();
    }

    /** The client is known to have left: nothing more is written. */
    void abandon() {
        closed.set(true);
        if (!containerCompletes) {
            complete();
        }
        drain();
    }

    private void offer(Part part) {
        queue.add(part);
        drain();
    }

    private void drain() {
        if (wip.getAndIncrement() != 0) {
            return;
        }
        int missed = 1;
        do {
            inside = Thread.currentThread();
            try {
                writeWhileReady();
            } catch (IOException | RuntimeException e) {
                fail(e);
                discard();
            }
            inside = null;
            missed = wip.addAndGet(-missed);
        } while (missed != 0);
    }

    private void writeWhileReady() throws IOException {
        while (!closed.get()) {
            Part part = current;
            if (part == null) {
                part = queue.poll();
                if (part == null) {
                    return;
                }
                current = part;
                stage = Stage.WRITE;
                if (part.action() != null) {
                    part.action().run();
                }
                if (!part.flush()) {
                    current = null;
                    continue;
                }
            }
            if (!output.isReady()) {
                return;
            }
            step(part);
        }
        discard();
    }

    private void discard() {
        Part part = current == null ? queue.poll() : current;
        current = null;
        while (part != null) {
            if (!part.last()) {
                giveUp(part);
            }
            part = queue.poll();
        }
    }

    /** Whatever fails here, the parts behind it must still be given up. */
    private static void giveUp(Part part) {
        try {
            part.after().run();
        } catch (RuntimeException e) {
            LOG.warn("a part that was given up could not be put away", e);
        }
    }

    private void step(Part part) throws IOException {
        switch (stage) {
            case WRITE -> {
                stage = Stage.FLUSH;
                if (!part.bytes().hasRemaining()) {
                    return;
                }
                ByteBuffer bytes = part.bytes();
                if (bytes.hasArray()) {
                    output.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
                } else {
                    output.write(copyOf(bytes));
                }
                onBytes.accept(bytes.remaining());
            }
            case FLUSH -> {
                stage = Stage.DONE;
                // The container flushes at the end by itself; a flush before it would force chunked coding.
                if (!part.last()) {
                    output.flush();
                }
            }
            case DONE -> {
                current = null;
                if (part.last()) {
                    closed.set(true);
                    complete();
                }
                part.after().run();
            }
        }
    }

    private static byte[] copyOf(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(bytes.position(), copy);
        return copy;
    }

    private void fail(Throwable failure) {
        boolean wasOpen = !closed.get();
        gone(failure);
        if (wasOpen && !containerCompletes) {
            complete();
        }
    }

    private void complete() {
        try {
            async.complete();
        } catch (IllegalStateException e) {
            LOG.debug("the container has completed the exchange before", e);
        }
    }

    @Override
    public void onWritePossible() {
        drain();
    }

    /** Of {@link WriteListener}: the container found the connection broken. */
    @Override
    public void onError(Throwable failure) {
        fail(failure);
        drain();
    }

    /** Of {@link AsyncListener}. */
    @Override
    public void onError(AsyncEvent event) {
        Throwable failure = event.getThrowable();
        gone(failure == null ? new IOException("the client closed the connection") : failure);
        awaitWriterLeft();
        complete();
        drain();
    }

    private void gone(Throwable failure) {
        if (closed.compareAndSet(false, true)) {
            onGone.accept(failure);
        }
    }

    private void awaitWriterLeft() {
        long deadline = System.nanoTime() + LEAVE_NANOS;
        Thread writer = inside;
        while (writer != null && writer != Thread.currentThread() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
            writer = inside;
        }
    }

    @Override
    public void onComplete(AsyncEvent event) {
        // Of every exchange that ended as it should, too: an exception made for nothing costs as much as its end.
        if (!closed.get()) {
            gone(new IOException("the container ended the exchange"));
        }
        drain();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        // The asynchronous time-out is off; Tomcat tells so when it stops the context, and cuts what then goes on.
        onStop.run();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // Told of a second cycle, which there is none of.
    }
}
