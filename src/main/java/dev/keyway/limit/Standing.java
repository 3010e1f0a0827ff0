package dev.keyway.limit;

/**
 * How a client stands after a request was counted.
 *
 * @param allowed whether the request was within the limit
 * @param remaining how many more are
 * @param nanosToReset until all of them are there again
 */
record Standing(boolean allowed, long remaining, long nanosToReset) {}
