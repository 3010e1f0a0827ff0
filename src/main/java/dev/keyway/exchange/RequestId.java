package dev.keyway.exchange;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The value of {@code X-Request-ID}: the client's when it is 1 to 128 printable ASCII characters, else a UUID.
 *
 * <p>For people who follow a request through logs; clients may repeat it, so it is no key of anything stored.
 */
public record RequestId(String value) {
    public static final String HEADER = "X-Request-ID";
    private static final int MAX_LENGTH = 128;

    public static RequestId of(@Nullable String fromClient) {
        return fromClient != null && isPrintable(fromClient)
                ? new RequestId(fromClient)
                : new RequestId(UUID.randomUUID().toString());
    }

    private static boolean isPrintable(String text) {
        return !text.isEmpty() && text.length() <= MAX_LENGTH && text.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
    }

    @Override
    public String toString() {
        return value;
    }
}
