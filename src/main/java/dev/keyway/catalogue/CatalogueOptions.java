package dev.keyway.catalogue;

import java.time.Duration;

/**
 * How the list of models is kept and shown.
 *
 * @param enabled {@code openrouter.enable_cache}: false hands every request for models on to the upstream
 * @param ttl {@code openrouter.cache_ttl}: how long a list is answered from before the upstream is asked again
 * @param freeOnly {@code openrouter.free_only}: only models without a price are shown
 * @param freeOnlyEnforced {@code openrouter.free_only_enforce}: no other may be used
 * @param defaultLimit {@code catalogue.default_limit}: models on a page whose size is not asked for
 * @param maxLimit {@code catalogue.max_limit}: models on the largest page
 */
public record CatalogueOptions(
        boolean enabled, Duration ttl, boolean freeOnly, boolean freeOnlyEnforced, int defaultLimit, int maxLimit) {
    public static final CatalogueOptions DEFAULTS =
            new CatalogueOptions(true, Duration.ofMinutes(5), false, false, 50, 1000);
}
