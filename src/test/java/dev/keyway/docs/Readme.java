package dev.keyway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * README.md, and the parts of it that are made from the code. With {@code -Dkeyway.docs.write=true} those parts are written
 * anew instead of compared.
 */
public final class Readme {
    private static final Path FILE = Path.of("README.md");

    private Readme() {}

    /** The whole text. */
    public static String text() throws IOException {
        return Files.readString(FILE);
    }

    /** A table's rows must be these, header included, line by line. */
    public static void assertTable(String name, List<String> wanted) throws IOException {
        Matcher block = block(name);
        String rows = String.join("\n", wanted) + "\n";
        if (Boolean.getBoolean("keyway.docs.write")) {
            String text = text();
            Files.writeString(FILE, text.substring(0, block.start(1)) + rows + text.substring(block.end(1)));
            return;
        }
        assertThat(block.group(1).lines().toList())
                .describedAs("README's table of %s; renew it with -Dkeyway.docs.write=true", name)
                .containsExactlyElementsOf(wanted);
    }

    /** What stands between {@code <!-- table: name -->} and the next empty line that ends it. */
    static Matcher block(String name) throws IOException {
        Matcher block =
                Pattern.compile("<!-- table: " + name + " -->\n((?:\\|.*\n)*)").matcher(text());
        assertThat(block.find()).describedAs("README has a table of %s", name).isTrue();
        return block;
    }

    /** Words as code, with commas between. */
    public static String code(List<String> words) {
        return words.isEmpty() ? "" : "`" + String.join("`, `", words) + "`";
    }
}
