package dev.keyway.catalogue;

import java.time.Duration;

/**
 * A list to answer from.
 *
 * @param age since the upstream gave or confirmed it
 * @param left until the upstream is asked again; negative: so long ago it should have been
 * @param fetched whether the upstream was asked for this look
 */
record Look(ModelList list, Duration age, Duration left, boolean fetched) {}
