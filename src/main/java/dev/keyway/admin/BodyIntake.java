package dev.keyway.admin;

import dev.keyway.exchange.Exchange;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** Reads a body of at most {@value #MAX_BYTES} bytes without waiting for it. */
final class BodyIntake implements ReadListener {
    static final int MAX_BYTES = 64 * 1024;
    private static final int STEP = 4096;

    private final ServletInputStream input;
    private final Exchange exchange;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final byte[] step = new byte[STEP];
    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();

    BodyIntake(ServletInputStream input, Exchange exchange) {
        this.input = input;
        this.exchange = exchange;
    }

    static ApiException tooLarge() {
        return new ApiException(ErrorCode.TOO_LARGE, "the body is larger than " + MAX_BYTES + " bytes")
                .withDetail("max_size", MAX_BYTES)
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
            if (bytes.size() > MAX_BYTES) {
                whole.completeExceptionally(tooLarge());
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
