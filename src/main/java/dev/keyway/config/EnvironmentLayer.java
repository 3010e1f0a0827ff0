package dev.keyway.config;

import dev.keyway.config.Setting.Variable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Environment variables, of the process or of a file. */
final class EnvironmentLayer implements Layer {
    private static final Set<String> PLACES = Set.of("KEYWAY_HOME", "KEYWAY_CONFIG");

    /** What Kubernetes and Docker links put into the environment beside a service that is itself named keyway. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile("KEYWAY_(\\w+_)?(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT_\\d+_(TCP|UDP|SCTP)(_\\w+)?)");

    /** A service's name has 63 characters, a port's 15. */
    private static final int LONGEST_LINK = 128;

    private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

    private final Map<String, RawValue.Text> variables;
    private final boolean process;
    private final Problems problems;

    private EnvironmentLayer(Map<String, RawValue.Text> variables, boolean process, Problems problems) {
        this.variables = variables;
        this.process = process;
        this.problems = problems;
    }

    /** Of the process: a variable's origin is its name. */
    static EnvironmentLayer of(Map<String, String> environment, Problems problems) {
        Map<String, RawValue.Text> variables = new TreeMap<>();
        environment.forEach((name, value) -> variables.put(name, new RawValue.Text(Origin.of(name), value)));
        return new EnvironmentLayer(variables, true, problems);
    }

    /** Of a file. */
    static EnvironmentLayer ofFile(Map<String, RawValue.Text> variables, Problems problems) {
        return new EnvironmentLayer(new TreeMap<>(variables), false, problems);
    }

    /** A variable's value, for interpolation. */
    @Nullable
    String value(String name) {
        RawValue.Text text = variables.get(name);
        return text == null ? null : text.text();
    }

    @Override
    public @Nullable Written find(Setting<?> setting) {
        if (setting.joined()) {
            return join(setting);
        }
        for (Variable variable : setting.allVariables()) {
            RawValue.Text text = variables.get(variable.name());
            if (text != null && (!text.text().isBlank() || setting.type().takesEmpty())) {
                return new Written(text, variable.unit());
            }
        }
        return null;
    }

    private @Nullable Written join(Setting<?> setting) {
        List<RawValue> parts = new ArrayList<>();
        Origin origin = null;
        for (String name : present(setting)) {
            RawValue.Text text = variables.get(name);
            if (text == null) {
                continue;
            }
            origin = origin == null ? text.origin() : origin;
            List<RawValue> more = ListType.parts(text, problems);
            // An empty variable is told to be wrong by the item, at this place, rather than passed over.
            parts.addAll(text.text().isBlank() ? List.of(text) : more);
        }
        return origin == null ? null : new Written(new RawValue.Items(origin, List.copyOf(parts)), Setting.SECOND);
    }

    /** The setting's variables that are there, in the order they count, the numbered ones by their number. */
    private List<String> present(Setting<?> setting) {
        Set<String> names = new LinkedHashSet<>();
        for (Variable variable : setting.allVariables()) {
            if (variables.containsKey(variable.name())) {
                names.add(variable.name());
            }
            if (variable.numbered()) {
                Pattern numbered = Pattern.compile(variable.name() + "_(\\d{1,6})");
                variables.keySet().stream()
                        .filter(name -> numbered.matcher(name).matches())
                        .sorted(Comparator.comparingInt(name ->
                                Integer.parseInt(name.substring(variable.name().length() + 1))))
                        .forEach(names::add);
            }
        }
        return List.copyOf(names);
    }

    /** The names that some setting reads, sorted. */
    List<String> names() {
        return Settings.ALL.stream()
                .flatMap(setting -> present(setting).stream())
                .distinct()
                .sorted()
                .toList();
    }

    /** A {@code KEYWAY_} name that no setting has is a mistake; those of other programs are none of our business. */
    void reportUnknown() {
        Set<String> known = Settings.ALL.stream()
                .flatMap(setting -> setting.allVariables().stream())
                .map(Variable::name)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        Suggestions suggestions = new Suggestions(known);
        variables.forEach((name, text) -> {
            if (!name.startsWith("KEYWAY_") || known.contains(name) || isServiceLink(name, text.text())) {
                return;
            }
            if (!PLACES.contains(name)) {
                problems.add(
                        text.origin().renamed(Masking.name(name)),
                        "",
                        "no setting has this name" + suggestions.of(name));
            } else if (!process) {
                problems.add(text.origin(), "", "is read from the process environment only");
            }
        });
    }

    private static boolean isServiceLink(String name, String value) {
        return (name.length() <= LONGEST_LINK && SERVICE_LINK.matcher(name).matches())
                || (name.endsWith("_PORT") && SERVICE_ADDRESS.matcher(value).matches());
    }
}
