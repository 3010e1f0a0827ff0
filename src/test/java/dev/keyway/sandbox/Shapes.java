package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** Recorded shapes of the real OpenRouter, and the member names of a JSON value for comparing with them. */
final class Shapes {
    private Shapes() {}

    static String text(String fixture) {
        try (InputStream in = Shapes.class.getResourceAsStream("fixtures/" + fixture)) {
            return new String(Objects.requireNonNull(in, fixture).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode json(String fixture) throws IOException {
        return Json.parse(text(fixture).getBytes(StandardCharsets.UTF_8));
    }

    static List<JsonNode> events(String fixture) throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (String line : text(fixture).split("\n", -1)) {
            if (line.startsWith("data: {")) {
                events.add(Json.parse(line.substring(6).getBytes(StandardCharsets.UTF_8)));
            }
        }
        return events;
    }

    /** Paths of all members, such as {@code choices[].message.role}. */
    static Set<String> of(JsonNode node) {
        Set<String> paths = new TreeSet<>();
        walk(node, "", paths);
        return paths;
    }

    private static void walk(JsonNode node, String path, Set<String> paths) {
        if (node.isArray()) {
            node.forEach(child -> walk(child, path + "[]", paths));
        }
        node.properties().forEach(member -> {
            String name = path + "." + member.getKey();
            paths.add(name);
            walk(member.getValue(), name, paths);
        });
    }
}
