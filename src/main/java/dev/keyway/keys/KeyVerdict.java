package dev.keyway.keys;

import java.time.Duration;
import java.time.Instant;

/** What an upstream answer means for the key it was asked with. */
public sealed interface KeyVerdict {
    /** The key served; nothing is wrong. */
    record Served() implements KeyVerdict {}

    /** Nothing that could be blamed on the key. */
    record NotTheKey() implements KeyVerdict {}

    /** The provider behind the upstream is limiting; the answer waits {@code delay}, the key goes on. */
    record ProviderLimited(Duration delay) implements KeyVerdict {}

    /** The key rests until then and another one may answer this request. {@code reason}: one word for the log. */
    record Rest(Instant until, String reason) implements KeyVerdict {}
}
