package dev.keyway.catalogue;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A list of models as the upstream gave it once, ready to be searched. Immutable. */
final class ModelList {
    /** What the upstream takes behind any id, without a row of its own. */
    private static final Set<String> ROUTING_VARIANTS = Set.of("nitro", "floor", "exacto", "online");

    private static final int HASH_DIGITS = 32;

    private final byte[] source;
    private final String hash;
    private final List<Model> models;
    private final List<Model> byContext;
    private final Map<String, Model> byId = new HashMap<>();
    private final Map<String, Model> bySlug = new HashMap<>();

    /** The two whole lists, all models and the free ones, since they are asked for most. */
    private volatile byte @Nullable [] whole;

    private volatile byte @Nullable [] wholeFree;

    private ModelList(byte[] source, List<Model> models) {
        this.source = source;
        this.hash = hash(source);
        this.models = List.copyOf(models);
        this.byContext = models.stream()
                .sorted(Comparator.comparingLong(Model::contextLength).reversed())
                .toList();
        for (Model model : models) {
            byId.putIfAbsent(model.id(), model);
            // A free variant shares the slug of the model that it is one of.
            bySlug.merge(
                    model.canonicalSlug(), model, (first, next) -> first.id().indexOf(':') < 0 ? first : next);
        }
        bySlug.remove("");
    }

    /**
     * Reads an answer of the upstream.
     *
     * @throws ApiException when it is no list of models or an empty one, with a text that quotes nothing
     */
    static ModelList parse(byte[] body) {
        JsonValue data = JsonBody.parse(body).value("data");
        if (data == null || !data.is(JsonValue.Kind.ARRAY)) {
            throw notAList("it has no list \"data\"");
        }
        List<Model> models = new ArrayList<>();
        for (JsonValue element : data.elements()) {
            Model model = Model.of(element);
            if (model != null) {
                models.add(model);
            }
        }
        if (models.isEmpty()) {
            throw notAList("it names no model");
        }
        return new ModelList(body, models);
    }

    private static ApiException notAList(String why) {
        return new ApiException(ErrorCode.UPSTREAM, why);
    }

    static String hash(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The upstream's answer, byte for byte; not to be written to. */
    byte[] source() {
        return source;
    }

    /** Of the upstream's bytes: two lists with the same one are the same. */
    String hash() {
        return hash;
    }

    int size() {
        return models.size();
    }

    List<Model> all(boolean freeOnly) {
        return freeOnly ? select(models, Model::free) : models;
    }

    /** The longest context first; of two alike the one that the upstream lists first. */
    List<Model> byContext(boolean freeOnly) {
        return freeOnly ? select(byContext, Model::free) : byContext;
    }

    /**
     * Those that fit, in the upstream's order.
     *
     * @param provider what the id begins with, in any case; empty fits all
     * @param search what id, name or description holds, in any case; empty fits all
     */
    List<Model> search(String provider, String search, boolean freeOnly) {
        String beginning = provider.toLowerCase(Locale.ROOT);
        String part = search.toLowerCase(Locale.ROOT);
        if (beginning.indexOf(Model.BORDER) >= 0 || part.indexOf(Model.BORDER) >= 0) {
            return List.of();
        }
        return select(
                models,
                model -> (!freeOnly || model.free())
                        && model.words().startsWith(beginning)
                        && model.words().contains(part));
    }

    private static List<Model> select(List<Model> from, Predicate<Model> which) {
        List<Model> found = new ArrayList<>();
        for (Model model : from) {
            if (which.test(model)) {
                found.add(model);
            }
        }
        return found;
    }

    /** The model of this id or canonical slug; behind either one of {@link #ROUTING_VARIANTS} changes nothing. */
    Optional<Model> find(String name) {
        Model exact = exact(name);
        int colon = name.lastIndexOf(':');
        if (exact == null && colon > 0 && ROUTING_VARIANTS.contains(name.substring(colon + 1))) {
            exact = exact(name.substring(0, colon));
        }
        return Optional.ofNullable(exact);
    }

    /** Whether there is a model of this id or canonical slug, whatever {@code :variant} of it. */
    boolean knows(String name) {
        int colon = name.lastIndexOf(':');
        return exact(name) != null || (colon > 0 && exact(name.substring(0, colon)) != null);
    }

    /** Whether using it under just this name costs nothing. */
    boolean isFree(String name) {
        Model model = byId.get(name);
        return model != null && model.free();
    }

    private @Nullable Model exact(String name) {
        Model model = byId.get(name);
        return model == null ? bySlug.get(name) : model;
    }

    /** The answer with all of them, or all free ones; made once, and not to be written to. */
    byte[] whole(boolean freeOnly) {
        byte[] made = freeOnly ? wholeFree : whole;
        if (made == null) {
            List<Model> shown = all(freeOnly);
            made = Shapes.bytes(Shapes.list(shown, new Shapes.Paging(shown.size(), shown.size(), 0, null)));
            if (freeOnly) {
                wholeFree = made;
            } else {
                whole = made;
            }
        }
        return made;
    }
}
