package dev.keyway.faults;

/**
 * One send of a request, as the upstream saw it on its socket.
 *
 * @param key the credential it came with
 * @param answer the body that was answered, without its framing, as far as it is kept
 * @param length bytes of the whole body that was answered
 * @param sha256 of the whole body that was answered, in hex
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a record
record Attempt(String key, byte[] answer, long length, String sha256) {}
