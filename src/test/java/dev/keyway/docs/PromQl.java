package dev.keyway.docs;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which series an expression of Prometheus asks for, and which an answer of ours has. */
final class PromQl {
    private static final Pattern LABEL_LIST =
            Pattern.compile("\\b(by|on|without|ignoring|group_left|group_right)\\s*\\([^)]*\\)");
    private static final Pattern RANGE = Pattern.compile("\\[[^\\]]*\\]");
    private static final Pattern NAME = Pattern.compile("([a-zA-Z_:][\\w:]*)(\\{[^}]*\\})?(\\s*\\()?");
    private static final Pattern EQUAL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "bool", "offset");
    /** What Prometheus itself adds. */
    private static final Set<String> ADDED = Set.of("job", "instance");

    private PromQl() {}

    /**
     * Series of one name.
     *
     * @param labels those that must have one value; none of Prometheus' own
     */
    record Series(String name, Map<String, String> labels) {
        Series {
            labels = Map.copyOf(labels);
        }

        boolean asksFor(Series there) {
            return name.equals(there.name) && there.labels.entrySet().containsAll(labels.entrySet());
        }
    }

    /** What an expression asks for. */
    static List<Series> asked(String expression) {
        String bare =
                LABEL_LIST.matcher(RANGE.matcher(expression).replaceAll("")).replaceAll(" ");
        return NAME.matcher(bare)
                .results()
                .filter(match -> match.group(3) == null && !OPERATORS.contains(match.group(1)))
                .map(PromQl::series)
                .toList();
    }

    /** What an answer in the text format has. */
    static List<Series> exposed(String text) {
        return text.lines()
                .filter(line -> !line.startsWith("#") && !line.isBlank())
                .map(line -> NAME.matcher(line).results().findFirst().orElseThrow())
                .map(PromQl::series)
                .toList();
    }

    private static Series series(MatchResult match) {
        String labels = match.group(2) == null ? "" : match.group(2);
        return new Series(
                match.group(1),
                EQUAL.matcher(labels)
                        .results()
                        .filter(label -> !ADDED.contains(label.group(1)))
                        .collect(Collectors.toMap(
                                label -> label.group(1),
                                label -> label.group(2),
                                (first, second) -> first,
                                TreeMap::new)));
    }
}
