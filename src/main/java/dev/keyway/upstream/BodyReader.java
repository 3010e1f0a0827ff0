package dev.keyway.upstream;

import dev.keyway.limit.BufferBudget;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request's body whole, without waiting, up to a limit, and decodes its coding. Memory is taken from the budget
 * before it is filled; whoever gets the body gives it back through {@link #release()}.
 */
final class BodyReader implements ReadListener {
    private static final int STEP = 256 * 1024;
    private static final int READ = 16 * 1024;
    /** Containers read at most so much with a head. */
    private static final int IN_PLACE = 64 * 1024;

    private static final long GIVEN_BACK = -1;
    private static final Set<String> CODINGS = Set.of("", "identity", "gzip", "x-gzip", "deflate");

    private final ServletInputStream input;
    private final long maxBody;
    private final long declared;
    private final String coding;
    private final BufferBudget budget;
    private final Executor worker;
    private final Callback callback;
    /** Bytes taken from the budget; {@link #GIVEN_BACK} once they were given back. */
    private final AtomicLong granted = new AtomicLong();

    private byte[] buffer = new byte[0];
    private int size;
    private boolean waiting;
    /** The answer about room may come at once, then who asked goes on: what a read throws must reach the container. */
    private boolean asking;

    private boolean done;
    private boolean ended;
    private @Nullable InputStream decoder;

    /** Told once how it ended; after that nothing more is read. */
    interface Callback {
        void onRead(int bytes);

        void onBody(byte[] body);

        void onRefused(ApiException error);

        /** The container told that the client left or that its body is malformed. */
        void onGone(Throwable failure);

        /** The same, found by a read of Keyway's own thread, which the container says nothing about. */
        void onUnreadable(Throwable failure);
    }

    BodyReader(
            ServletInputStream input,
            long maxBody,
            long declaredLength,
            @Nullable String contentEncoding,
            BufferBudget budget,
            Executor worker,
            Callback callback) {
        this.input = input;
        this.maxBody = maxBody;
        this.declared = declaredLength;
        this.coding = lowerCase(contentEncoding);
        this.budget = budget;
        this.worker = worker;
        this.callback = callback;
    }

    /**
     * The error for what the head alone rules out; null when the body may be read. To be asked before the input is: the
     * container then tells a client that waits for leave to send it.
     */
    static @Nullable ApiException refusal(long maxBody, long declaredLength, @Nullable String contentEncoding) {
        String coding = lowerCase(contentEncoding);
        if (!CODINGS.contains(coding)) {
            return new ApiException(
                            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                            "Content-Encoding " + shown(coding) + "is not supported; allowed: gzip, deflate, identity")
                    .withHeader("Connection", "close");
        }
        return declaredLength > maxBody ? tooLarge(maxBody) : null;
    }

    private static String lowerCase(@Nullable String contentEncoding) {
        return contentEncoding == null ? "" : contentEncoding.strip().toLowerCase(Locale.ROOT);
    }

    static ApiException tooLarge(long maxBody) {
        return new ApiException(
                        ErrorCode.TOO_LARGE,
                        "The request body is larger than " + maxBody + " bytes, the limit set by server.max_body")
                .withDetail("max_size", maxBody)
                .withMember("maxSize", maxBody)
                .withHeader("Connection", "close");
    }

    /** Only what can be names of codings: a header that was mixed up may hold a key. */
    private static String shown(String text) {
        return text.matches("[a-z]{1,12}(?:, ?[a-z]{1,12}){0,3}") ? "'" + text + "' " : "";
    }

    private boolean isGzip() {
        return coding.equals("gzip") || coding.equals("x-gzip");
    }

    /**
     * Reads a small body that came together with its head, on the spot, so that the container need not be asked to tell
     * of it. False: this is to be registered as the input's listener.
     */
    synchronized boolean readInPlace() {
        try {
            if (declared <= 0 || declared > IN_PLACE || input.available() < declared || !budget.tryAcquire(declared)) {
                return false;
            }
            keep(declared);
            buffer = new byte[(int) declared];
            size = input.readNBytes(buffer, 0, buffer.length);
            callback.onRead(size);
            // The end has to be read too, or the container keeps its own buffer of the body until the answer's end.
            if (size == declared && input.read() < 0) {
                onAllDataRead();
            } else {
                onError(new EOFException("the body ended before its declared length, or went on behind it"));
            }
        } catch (IOException e) {
            onError(e);
        }
        return true;
    }

    @Override
    public void onDataAvailable() throws IOException {
        pump();
    }

    private synchronized void pump() throws IOException {
        while (!done && !waiting) {
            // A body of the declared length fills its array exactly; the end of the input is then read into another.
            boolean whole = declared > 0 && size == declared;
            if (!whole && size == buffer.length && !grow()) {
                return;
            }
            if (!input.isReady()) {
                return;
            }
            int count =
                    whole ? input.read(new byte[1]) : input.read(buffer, size, Math.min(READ, buffer.length - size));
            if (count < 0) {
                return;
            }
            size += count;
            callback.onRead(count);
            if (size > maxBody || (whole && count > 0)) {
                refuse(tooLarge(maxBody));
            }
        }
    }

    /** Makes room for more, now or when there is some; false: not now. */
    private boolean grow() {
        long target = buffer.length == 0 && declared > 0 ? declared : Math.max(STEP, buffer.length * 2L);
        int next = (int) Math.min(target, maxBody + 1);
        long more = next - (long) buffer.length;
        waiting = true;
        asking = true;
        budget.acquire(more, () -> onRoom(next, more), this::onNoRoom);
        asking = false;
        return !waiting;
    }

    private synchronized void onRoom(int length, long more) {
        if (done || !keep(more)) {
            done = true;
            budget.release(more);
            return;
        }
        buffer = Arrays.copyOf(buffer, length);
        waiting = false;
        if (ended) {
            decodeElsewhere();
            return;
        }
        if (asking) {
            return;
        }
        try {
            pump();
        } catch (IOException | RuntimeException e) {
            end(() -> callback.onUnreadable(e));
        }
    }

    private boolean keep(long more) {
        long before = granted.get();
        while (before != GIVEN_BACK && !granted.compareAndSet(before, before + more)) {
            before = granted.get();
        }
        return before != GIVEN_BACK;
    }

    private void onNoRoom() {
        refuse(new ApiException(
                        ErrorCode.UNAVAILABLE,
                        "Too many large request bodies are being held (server.max_buffered); try again shortly")
                .withHeader("Retry-After", "2")
                .withHeader("Connection", "close"));
    }

    @Override
    public synchronized void onAllDataRead() throws IOException {
        if (done) {
            return;
        }
        ended = true;
        if (coding.isEmpty() || coding.equals("identity")) {
            finish(size == buffer.length ? buffer : Arrays.copyOf(buffer, size));
            return;
        }
        InputStream raw = new ByteArrayInputStream(buffer, 0, size);
        buffer = new byte[0];
        size = 0;
        try {
            decoder = isGzip() ? new GZIPInputStream(raw) : new InflaterInputStream(raw);
            decodeElsewhere();
        } catch (IOException e) {
            refuse(badCoding());
        }
    }

    /** It may take long, and this may be a thread that other connections wait for. */
    private void decodeElsewhere() {
        try {
            worker.execute(this::decode);
        } catch (RejectedExecutionException stopping) {
            refuse(new ApiException(ErrorCode.UNAVAILABLE, "Keyway is shutting down").withHeader("Retry-After", "5"));
        }
    }

    /** Decodes as far as there is room, and goes on when there is more. */
    private synchronized void decode() {
        InputStream from = decoder;
        try {
            while (!done && from != null) {
                if (size == buffer.length && !growForDecoding()) {
                    return;
                }
                int count = from.read(buffer, size, buffer.length - size);
                if (count < 0) {
                    finish(Arrays.copyOf(buffer, size));
                    return;
                }
                size += count;
                if (size > maxBody) {
                    refuse(tooLarge(maxBody));
                }
            }
        } catch (ZipException | EOFException e) {
            refuse(badCoding());
        } catch (IOException e) {
            onError(e);
        }
    }

    private boolean growForDecoding() {
        int next = (int) Math.min(Math.max(STEP, buffer.length * 2L), maxBody + 1);
        waiting = true;
        long more = (long) next - buffer.length;
        budget.acquire(more, () -> onRoom(next, more), this::onNoRoom);
        return false;
    }

    private ApiException badCoding() {
        return new ApiException(
                ErrorCode.VALIDATION, "The request body is not valid " + (isGzip() ? "gzip" : "deflate") + " data");
    }

    private void finish(byte[] body) {
        done = true;
        buffer = new byte[0];
        decoder = null;
        callback.onBody(body);
    }

    private synchronized void refuse(ApiException error) {
        if (!done) {
            done = true;
            buffer = new byte[0];
            decoder = null;
            release();
            callback.onRefused(error);
        }
    }

    /** Gives the body's memory back to the budget; further calls do nothing, and no more is taken. */
    void release() {
        long taken = granted.getAndSet(GIVEN_BACK);
        if (taken > 0) {
            budget.release(taken);
        }
    }

    @Override
    public void onError(Throwable failure) {
        end(() -> callback.onGone(failure));
    }

    private synchronized void end(Runnable tell) {
        if (!done) {
            done = true;
            buffer = new byte[0];
            release();
            tell.run();
        }
    }
}
