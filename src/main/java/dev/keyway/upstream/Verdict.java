package dev.keyway.upstream;

import dev.keyway.keys.Selection;
import dev.keyway.wire.ApiException;
import java.time.Duration;

/** What becomes of an upstream error. */
sealed interface Verdict {
    /** The client gets it as it came, after a wait that may be zero. */
    record Relay(Duration after) implements Verdict {}

    /** It is dropped and the request sent again with this key. */
    record NextKey(Selection.Lease lease) implements Verdict {}

    /** It is not for the client's eyes: this instead. */
    record Refuse(ApiException error) implements Verdict {}
}
