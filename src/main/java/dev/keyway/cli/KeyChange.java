package dev.keyway.cli;

/** What can be done to one key. */
enum KeyChange {
    /** Asks the upstream what the key is still good for. */
    TEST,
    DISABLE,
    REACTIVATE,
    REMOVE
}
