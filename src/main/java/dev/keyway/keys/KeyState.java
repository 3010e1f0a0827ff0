package dev.keyway.keys;

import java.util.Locale;

/** What the pool makes of a key; {@link #word} is how it is written in answers, files and logs. */
public enum KeyState {
    /** It is used. */
    ACTIVE,
    /** It rests until a moment that is known, then it is used again by itself. */
    COOLING,
    /**
     * Its credit, or what it may spend of it, is used up; used again when the upstream's reset has come, when a probe
     * finds credit or when an admin says so.
     */
    EXHAUSTED,
    /** It is out until an admin says otherwise: switched off, or failed too often in a row. */
    DEACTIVATED;

    /** In lower case. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
