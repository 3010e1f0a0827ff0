package dev.keyway.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Reads YAML into {@link RawValue}s with their lines.
 *
 * <p>Stricter than YAML: no name twice, no aliases, one document, 32 levels. Scalars stay the text that was
 * written, because YAML would read {@code 0777} as 511 and {@code no} as false.
 */
final class YamlReader {
    private static final int DEEPEST = 32;
    private static final YAMLFactory YAML = YAMLFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
            .build();

    private final String name;
    private final Problems problems;
    private final @Nullable Origin fixed;

    /** For a file: origins are its lines. */
    YamlReader(String name, Problems problems) {
        this.name = name;
        this.problems = problems;
        this.fixed = null;
    }

    /** For the text of a variable or flag: everything in it has this one origin. */
    YamlReader(Origin fixed, Problems problems) {
        this.name = fixed.name();
        this.problems = problems;
        this.fixed = fixed;
    }

    /** The document's value; null when it is empty or was not readable, which is then a problem. */
    @Nullable
    RawValue read(String text) {
        try (YAMLParser parser = YAML.createParser(text)) {
            return document(parser);
        } catch (IOException e) {
            problems.add(place(e), "", "not readable as YAML: " + reason(e));
            return null;
        }
    }

    private @Nullable RawValue document(YAMLParser parser) throws IOException {
        try {
            if (parser.nextToken() == null) {
                return null;
            }
            RawValue value = value(parser, origin(parser), "");
            if (parser.nextToken() != null) {
                problems.add(origin(parser), "", "a second YAML document; only one is read");
            }
            return value;
        } catch (StreamConstraintsException e) {
            problems.add(
                    origin(parser),
                    "",
                    "not readable as YAML: deeper than " + DEEPEST + " levels, or a name or value is too long");
            return null;
        }
    }

    private RawValue value(YAMLParser parser, Origin origin, String path) throws IOException {
        if (parser.isCurrentAlias()) {
            problems.add(origin, path, "YAML aliases are not read; write the value out");
        }
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            return members(parser, origin, path);
        }
        if (token == JsonToken.START_ARRAY) {
            List<RawValue> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(value(parser, origin(parser), path));
            }
            return new RawValue.Items(origin, List.copyOf(items));
        }
        String text = parser.getText();
        if (isBlank(parser)) {
            return new RawValue.Null(origin, true);
        }
        return token == JsonToken.VALUE_NULL ? new RawValue.Null(origin, false) : new RawValue.Text(origin, text);
    }

    /** Nothing was written, not even quotes: the token ends where it begins. */
    private static boolean isBlank(YAMLParser parser) {
        return parser.currentTokenLocation().getCharOffset()
                == parser.currentLocation().getCharOffset();
    }

    private RawValue members(YAMLParser parser, Origin origin, String path) throws IOException {
        Map<String, RawValue> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String member = parser.currentName();
            String memberPath = Masking.path(path, member);
            Origin at = origin(parser);
            parser.nextToken();
            RawValue value = value(parser, at, memberPath);
            RawValue before = members.putIfAbsent(member, value);
            if (before != null) {
                problems.add(
                        at,
                        memberPath,
                        "written twice; the first stands in line "
                                + before.origin().line());
            }
        }
        return new RawValue.Members(origin, members);
    }

    private Origin origin(JsonParser parser) {
        return fixed != null
                ? fixed
                : Origin.line(name, parser.currentTokenLocation().getLineNr());
    }

    private Origin place(IOException e) {
        if (fixed != null) {
            return fixed;
        }
        if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            return Origin.line(name, marked.getProblemMark().getLine() + 1);
        }
        boolean located = e instanceof JacksonException json && json.getLocation() != null;
        return located
                ? Origin.line(
                        name, Math.max(1, ((JacksonException) e).getLocation().getLineNr()))
                : Origin.of(name);
    }

    /** Never the parser's whole message: it quotes the line, and the line may hold a key. */
    private static String reason(IOException e) {
        if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblem() != null) {
            return Masking.visible(marked.getProblem());
        }
        return "a syntax error";
    }
}
