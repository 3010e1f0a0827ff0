package dev.keyway.filter.param;

import dev.keyway.exchange.Api;
import dev.keyway.wire.JsonBody;

/** One {@code ?parameter}: its values, and where each API's request has it. A pure function. */
public interface Param {
    /** As it is written, in this case. */
    String name();

    /** Its values, to stand behind "must be". */
    String allowed();

    /** The member it is written to, such as {@code reasoning.effort}; empty where the API has none. */
    String place(Api api);

    /**
     * The body with it.
     *
     * @param value decoded, not blank
     * @param api one that has a place for it
     * @throws IgnoredException when the value is none of its own, or what it extends has another shape
     */
    JsonBody write(JsonBody body, String value, Api api) throws IgnoredException;

    /** Why a parameter is left out. */
    final class IgnoredException extends Exception {
        private static final long serialVersionUID = 1L;

        IgnoredException(String reason) {
            super(reason, null, false, false);
        }
    }
}
