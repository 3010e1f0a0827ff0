package dev.keyway.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads an environment file: {@code NAME=value} a line, {@code export} and quotes allowed, {@code #} for comments.
 *
 * <p>In double quotes {@code \n}, {@code \"} and {@code \\} mean what they mean in a shell; nothing is interpolated. A
 * name twice: the last one counts, as for a shell.
 */
final class DotEnv {
    private static final Pattern LINE = Pattern.compile("(?:export\\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\\s*=\\s*(.*)");
    private static final Pattern SINGLE = Pattern.compile("'([^']*)'\\s*(?:#.*)?");
    private static final Pattern DOUBLE = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"\\s*(?:#.*)?");
    private static final Pattern COMMENT = Pattern.compile("(?:^|\\s)#.*$");

    private DotEnv() {}

    static Map<String, RawValue.Text> read(String file, String text, Problems problems) {
        Map<String, RawValue.Text> variables = new LinkedHashMap<>();
        int number = 0;
        for (String line : text.lines().map(String::strip).toList()) {
            number++;
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Matcher parts = LINE.matcher(line);
            if (!parts.matches()) {
                problems.add(Origin.line(file, number), "", "not of the form NAME=value");
                continue;
            }
            String name = parts.group(1);
            variables.put(name, new RawValue.Text(new Origin(file, number, name), value(parts.group(2))));
        }
        return variables;
    }

    private static String value(String written) {
        Matcher single = SINGLE.matcher(written);
        if (single.matches()) {
            return single.group(1);
        }
        Matcher quoted = DOUBLE.matcher(written);
        if (quoted.matches()) {
            return quoted.group(1).replace("\\n", "\n").replaceAll("\\\\(.)", "$1");
        }
        return COMMENT.matcher(written).replaceFirst("").strip();
    }
}
