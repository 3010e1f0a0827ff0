package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The models of the stand-in, read once from {@code catalogue.json}. */
final class Catalogue {
    private static final Set<String> VARIANTS =
            Set.of("nitro", "floor", "exacto", "online", "thinking", "extended", "beta");
    private final Map<String, CatalogueModel> models = new LinkedHashMap<>();
    private final Map<String, CatalogueModel.Provider> providers = new LinkedHashMap<>();
    private final CatalogueModel faults;
    private final JsonNode source;

    private Catalogue(JsonNode source) {
        this.source = source;
        for (JsonNode provider : source.get("providers")) {
            String name = provider.get("name").asText();
            providers.put(
                    name, new CatalogueModel.Provider(name, provider.get("slug").asText()));
        }
        for (JsonNode row : source.get("models")) {
            models.put(row.get("id").asText(), model(row));
        }
        faults = model(source.get("hidden").get(0));
    }

    static Catalogue load() {
        try (InputStream in = Catalogue.class.getResourceAsStream("catalogue.json")) {
            return new Catalogue(Json.parse(Objects.requireNonNull(in, "catalogue.json is part of the program")
                    .readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private CatalogueModel model(JsonNode row) {
        List<CatalogueModel.Provider> serving = new ArrayList<>();
        for (JsonNode name : source.get("endpoints").path(row.get("id").asText())) {
            serving.add(Objects.requireNonNull(providers.get(name.asText()), "a provider without a row"));
        }
        return new CatalogueModel((ObjectNode) row, List.copyOf(serving));
    }

    List<CatalogueModel> all() {
        return List.copyOf(models.values());
    }

    JsonNode providerRows() {
        return source.get("providers");
    }

    /** What serves a model name of a request: variants dropped, routers resolved; null when there is no such model. */
    @Nullable
    CatalogueModel find(String name) {
        if (name.startsWith("sandbox/")) {
            return faults;
        }
        JsonNode routed = source.get("routers").get(name);
        if (routed != null) {
            return models.get(routed.asText());
        }
        CatalogueModel exact = row(name);
        int colon = name.lastIndexOf(':');
        if (exact == null && colon > 0 && VARIANTS.contains(name.substring(colon + 1))) {
            return row(name.substring(0, colon));
        }
        return exact;
    }

    /** The row of this id or canonical slug. */
    @Nullable
    CatalogueModel row(String name) {
        CatalogueModel byId = models.get(name);
        if (byId != null) {
            return byId;
        }
        return models.values().stream()
                .filter(model -> model.canonicalSlug().equals(name))
                .findFirst()
                .orElse(null);
    }
}
