package dev.keyway.keys;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A change of a key's state, for the keys log.
 *
 * @param message one of the constants here: the seeds' event words where they have one
 * @param key the key's id
 * @param reason why, a word or a short phrase; null without one
 * @param until when it may be used again; null when it may be now
 */
public record KeyEvent(
        String message,
        String key,
        @Nullable String reason,
        @Nullable Instant until) {
    /** Another key took over because the one before it may not be used; {@code key} is the new one. */
    public static final String ROTATION = "Key Rotation";

    /** A key rests because a limit of its own was hit. */
    public static final String RATE_LIMIT_HIT = "Rate Limit Hit";

    /** A key rests for another reason. */
    public static final String COOLING_DOWN = "Key Cooling Down";

    /** A key whose rest is over was chosen again, or a probe or an admin made it active. */
    public static final String REACTIVATED = "Key Reactivated";

    /** A key's credit, or what it may spend of it, is used up. */
    public static final String EXHAUSTED = "Key Exhausted";

    /** A key failed too often in a row, or has expired: it is out. */
    public static final String DEACTIVATED = "Key Deactivated";

    /** A key was added while Keyway runs. */
    public static final String ADDED = "New Key Added";

    /** A key was removed. */
    public static final String REMOVED = "Key Removed";

    /** An admin put a key out. */
    public static final String DISABLED = "Key Disabled";

    /** The upstream stated a reset that is not to be believed; {@code reason} says which and why. To be a WARN. */
    public static final String RESET_IGNORED = "Reset Ignored";
}
