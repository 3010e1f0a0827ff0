package dev.keyway.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings of the proxies before, which their files carry and which say nothing here: a warning, not a problem. */
final class WithoutMeaning {
    private static final Map<String, String> PATHS = Map.of(
            "openrouter.enable_cache", "/models is handed on, and not cached",
            "openrouter.cache_ttl", "/models is handed on, and not cached",
            "openrouter.free_only",
                    "all models are listed; server.access_keys with models: [\"*:free\"] allows free ones only");

    private WithoutMeaning() {}

    /** What holds instead; null for every other path. */
    static @Nullable String instead(String path) {
        return PATHS.get(path);
    }
}
