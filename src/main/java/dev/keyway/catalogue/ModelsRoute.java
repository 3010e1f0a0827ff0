package dev.keyway.catalogue;

import dev.keyway.access.RoutePath;
import java.util.ArrayList;
import java.util.List;

/** What a path below {@code /v1} or {@code /api/v1} asks of the catalogue. */
sealed interface ModelsRoute {
    /** {@code /models}. */
    record All() implements ModelsRoute {}

    /** {@code /models/top}. */
    record Top() implements ModelsRoute {}

    /** {@code /models/search}. */
    record Search() implements ModelsRoute {}

    /** {@code /models/providers}. */
    record Providers() implements ModelsRoute {}

    /** {@code /models/providers/{p}}. */
    record OfProvider(String provider) implements ModelsRoute {}

    /** {@code /models/{author}/{slug}}. */
    record One(String id) implements ModelsRoute {}

    /** {@code /models/{author}/{slug}/parameters}. */
    record Parameters(String id) implements ModelsRoute {}

    /** {@code /models/{author}/{slug}/pricing}. */
    record Pricing(String id) implements ModelsRoute {}

    /** Nothing: it is the upstream's, {@code /models/count} and {@code /models/{author}/{slug}/endpoints} among it. */
    record Elsewhere() implements ModelsRoute {}

    /** All but the last, as documents write them. */
    List<String> PATHS = List.of(
            "/models",
            "/models/top",
            "/models/search",
            "/models/providers",
            "/models/providers/{provider}",
            "/models/{author}/{slug}",
            "/models/{author}/{slug}/parameters",
            "/models/{author}/{slug}/pricing");

    /** An encoded slash separates like a plain one: SDKs send {@code models/author%2Fslug}. */
    static ModelsRoute of(RoutePath path) {
        List<String> words = new ArrayList<>();
        for (String segment : path.segments()) {
            words.addAll(List.of(segment.split("/", -1)));
        }
        if (path.prefix().isEmpty() || words.isEmpty() || !words.get(0).equals("models")) {
            return new Elsewhere();
        }
        return switch (words.size()) {
            case 1 -> new All();
            case 2 -> ofOne(words.get(1));
            case 3 -> ofTwo(words.get(1), words.get(2));
            case 4 -> ofThree(words.get(1) + "/" + words.get(2), words.get(3));
            default -> new Elsewhere();
        };
    }

    private static ModelsRoute ofOne(String word) {
        return switch (word) {
            case "top" -> new Top();
            case "search" -> new Search();
            case "providers" -> new Providers();
            default -> new Elsewhere();
        };
    }

    private static ModelsRoute ofTwo(String first, String second) {
        return switch (first) {
            case "providers" -> new OfProvider(second);
            // No author of a model, but the upstream's own.
            case "user", "count" -> new Elsewhere();
            default -> new One(first + "/" + second);
        };
    }

    private static ModelsRoute ofThree(String id, String what) {
        return switch (what) {
            case "parameters" -> new Parameters(id);
            case "pricing" -> new Pricing(id);
            // An id with two slashes; without a variant it may as well be a page of the upstream's.
            default -> what.contains(":") ? new One(id + "/" + what) : new Elsewhere();
        };
    }
}
