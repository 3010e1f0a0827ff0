package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.wire.Secret;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Knows the last prompts that were marked for caching, so that the second time is seen in the usage. */
final class PromptCache {
    private static final int KEPT = 1_000;
    private final Map<Integer, byte[]> seen = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, byte[]> eldest) {
            return size() > KEPT;
        }
    };

    /** How much of a prompt came from the cache. */
    enum Use {
        NONE,
        WRITTEN,
        READ
    }

    /** Looks a request up whose cache marks are at its top level or in its prompt; remembers it. */
    synchronized Use use(JsonNode request, JsonNode prompt, CatalogueModel model) {
        if (!request.has("cache_control") && prompt.findValue("cache_control") == null) {
            return Use.NONE;
        }
        byte[] digest = Secret.sha256(model.id() + Json.text(prompt));
        byte[] old = seen.put(Arrays.hashCode(digest), digest);
        return Arrays.equals(old, digest) ? Use.READ : Use.WRITTEN;
    }
}
