package dev.keyway.limit;

/** What requests are counted under; each client or address has one of each. */
enum Budget {
    GENERAL,
    INFERENCE
}
