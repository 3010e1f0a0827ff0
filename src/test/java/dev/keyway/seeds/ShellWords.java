package dev.keyway.seeds;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits shell lines into words: single and double quotes, the backslash before a line's end and before a character,
 * comments. It refuses what a shell would expand, so that nothing is taken for what it is not.
 */
final class ShellWords {
    private final String text;
    private final List<List<String>> lines = new ArrayList<>();
    private List<String> line = new ArrayList<>();
    private StringBuilder word = new StringBuilder();
    private boolean inWord;
    private int at;

    private ShellWords(String text) {
        this.text = text;
    }

    /** The words of each line that has any; a line whose end is escaped goes on in the next. */
    static List<List<String>> lines(String text) {
        return new ShellWords(text).read();
    }

    /** The words of the one line that there is. */
    static List<String> words(String text) {
        List<List<String>> lines = lines(text);
        if (lines.size() != 1) {
            throw new IllegalArgumentException("not one line: " + text);
        }
        return lines.get(0);
    }

    private List<List<String>> read() {
        while (at < text.length()) {
            char next = text.charAt(at++);
            switch (next) {
                case '\n' -> endLine();
                case ' ', '\t' -> endWord();
                case '#' -> comment();
                case '\'' -> single();
                case '"' -> quoted();
                case '\\' -> escaped();
                default -> take(next);
            }
        }
        endLine();
        return lines;
    }

    private void take(char character) {
        if ("$`|&;<>()*?".indexOf(character) >= 0) {
            throw new IllegalArgumentException("a shell would make something of " + character + " in: " + text);
        }
        word.append(character);
        inWord = true;
    }

    private void escaped() {
        char next = text.charAt(at++);
        if (next != '\n') {
            word.append(next);
            inWord = true;
        }
    }

    private void single() {
        int end = text.indexOf('\'', at);
        word.append(text, at, end);
        inWord = true;
        at = end + 1;
    }

    private void quoted() {
        inWord = true;
        for (char next = text.charAt(at++); next != '"'; next = text.charAt(at++)) {
            if ("$`\\".indexOf(next) >= 0) {
                throw new IllegalArgumentException("a shell would make something of " + next + " in: " + text);
            }
            word.append(next);
        }
    }

    private void comment() {
        if (inWord) {
            word.append('#');
            return;
        }
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
    }

    private void endWord() {
        if (inWord) {
            line.add(word.toString());
            word = new StringBuilder();
            inWord = false;
        }
    }

    private void endLine() {
        endWord();
        if (!line.isEmpty()) {
            lines.add(List.copyOf(line));
            line = new ArrayList<>();
        }
    }
}
