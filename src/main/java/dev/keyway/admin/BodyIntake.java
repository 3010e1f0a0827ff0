package dev.keyway.admin;

import dev.keyway.exchange.Exchange;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** Reads a body of bounded length without waiting for it. */
final class BodyIntake implements ReadListener {
    /** Where a route does not say otherwise. */
    static final int MAX_BYTES = 64 * 1024;

    private static final int STEP = 4096;

    private final ServletInputStream input;
    private final Exchange exchange;
    private final int maxBytes;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final byte[] step = new byte[STEP];
    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();

    /** @param maxBytes a longer body is refused */
    BodyIntake(ServletInputStream input, Exchange exchange, int maxBytes) {
        this.maxBytes = maxBytes;
        this.input = input;
        this.exchange = exchange;
    }

    static ApiException tooLarge(int maxBytes) {
        return new ApiException(ErrorCode.TOO_LARGE, "the body is larger than " + maxBytes + " bytes")
                .withDetail("max_size", maxBytes)
                .withHeader("Connection", "close");
    }

    /** The whole body; fails with an {@link ApiException}. */
    CompletableFuture<byte[]> read() {
        input.setReadListener(this);
        return whole;
    }

    @Override
    public void onDataAvailable() throws IOException {
        while (!whole.isDone() && input.isReady()) {
            int count = input.read(step);
            if (count < 0) {
                return;
            }
            exchange.read(count);
            bytes.write(step, 0, count);
            if (bytes.size() > maxBytes) {
                whole.completeExceptionally(tooLarge(maxBytes));
            }
        }
    }

    @Override
    public void onAllDataRead() {
        whole.complete(bytes.toByteArray());
    }

    @Override
    public void onError(Throwable failure) {
        whole.completeExceptionally(new ApiException(ErrorCode.VALIDATION, "the body could not be read", failure)
                .withHeader("Connection", "close"));
    }
}
