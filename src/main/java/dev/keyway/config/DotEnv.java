package dev.keyway.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads an environment file: {@code NAME=value} a line, {@code export} and quotes allowed, {@code #} for comments.
 *
 * <p>In double quotes {@code \n}, {@code \"} and {@code \\} mean what they mean in a shell; nothing is interpolated. A
 * name twice: the last one counts, as for a shell. Linear time.
 */
final class DotEnv {
    /** Nothing in it gives back what it took, which a long line would make it do again and again. */
    private static final Pattern BEGIN =
            Pattern.compile("(?:export\\s++(?=[A-Za-z_]))?+([A-Za-z_][A-Za-z0-9_.-]*+)\\s*+=\\s*+");

    private DotEnv() {}

    static Map<String, RawValue.Text> read(String file, String text, Problems problems) {
        Map<String, RawValue.Text> variables = new LinkedHashMap<>();
        int number = 0;
        for (String line : text.lines().map(String::strip).toList()) {
            number++;
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Matcher begin = BEGIN.matcher(line);
            if (!begin.lookingAt()) {
                problems.add(Origin.line(file, number), "", "not of the form NAME=value");
                continue;
            }
            String name = begin.group(1);
            variables.put(name, new RawValue.Text(new Origin(file, number, name), value(line.substring(begin.end()))));
        }
        return variables;
    }

    private static String value(String written) {
        if (written.startsWith("'")) {
            int end = written.indexOf('\'', 1);
            if (end > 0 && nothingFollows(written, end + 1)) {
                return written.substring(1, end);
            }
        } else if (written.startsWith("\"")) {
            StringBuilder value = new StringBuilder();
            int end = unquote(written, value);
            if (end > 0 && nothingFollows(written, end + 1)) {
                return value.toString();
            }
        }
        return written.substring(0, comment(written)).strip();
    }

    /** Where the second double quote is; 0 when there is none. */
    private static int unquote(String written, StringBuilder value) {
        for (int at = 1; at < written.length(); at++) {
            char c = written.charAt(at);
            if (c == '"') {
                return at;
            }
            if (c == '\\' && at + 1 < written.length()) {
                at++;
                c = written.charAt(at) == 'n' ? '\n' : written.charAt(at);
            }
            value.append(c);
        }
        return 0;
    }

    private static boolean nothingFollows(String written, int from) {
        String rest = written.substring(from).stripLeading();
        return rest.isEmpty() || rest.startsWith("#");
    }

    /** Where a comment begins: at a hash with nothing or a blank before it. */
    private static int comment(String written) {
        int hash = written.indexOf('#');
        while (hash > 0 && !Character.isWhitespace(written.charAt(hash - 1))) {
            hash = written.indexOf('#', hash + 1);
        }
        return hash < 0 ? written.length() : hash;
    }
}
