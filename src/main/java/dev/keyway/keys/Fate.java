package dev.keyway.keys;

/** What an answer means for the request: may it be sent again, and with which key. The retry policy acts on it. */
public enum Fate {
    /** An answer; nothing is sent again. */
    ANSWERED,
    /** Refused for the key's sake and not billed: another key may serve it at once. */
    KEY_REFUSED,
    /** Refused because too many paid requests of the account are under way: another account, or a short wait. */
    ACCOUNT_BUSY,
    /** Refused by the upstream and not billed, whichever key asks: may be sent again once. */
    REFUSED,
    /** A provider behind the upstream limits: told as it is, after {@code openrouter.google_rate_delay}. */
    PROVIDER_LIMITED,
    /** Whether it was worked on, and billed, is not known. */
    AMBIGUOUS,
    /** Sending it again would bring the same: told as it is. */
    PERMANENT
}
