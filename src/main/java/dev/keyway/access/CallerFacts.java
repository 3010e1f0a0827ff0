package dev.keyway.access;

import org.jspecify.annotations.Nullable;

/**
 * All that the decision about a caller rests on.
 *
 * @param origin the {@code Origin} header; null without one
 * @param poolHasKeys whether Keyway has upstream keys of its own, usable or not
 */
public record CallerFacts(
        String method,
        RoutePath path,
        ShownCredential shown,
        Peer peer,
        @Nullable String origin,
        boolean poolHasKeys) {}
