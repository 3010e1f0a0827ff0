package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DotEnvTest {
    private static String value(String line) {
        Problems problems = new Problems();
        var read = DotEnv.read(".env", line, problems);
        assertThat(problems.problems()).isEmpty();
        return read.values().iterator().next().text().replace("\n", "<line end>");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "A=b               | b",
                "A = b # c         | b",
                "A=b#c             | b#c",
                "A=                | ``",
                "A=# c             | ``",
                "export A='b # c'  | b # c",
                "export = b        | b",
                "A='b'# c          | b",
                "A='b'c            | 'b'c",
                "A='b              | 'b",
                "A=\"b\" # c       | b",
                "A=\"b\"c          | \"b\"c",
                "A=\"b             | \"b",
                "A=\"b\\\" c\"     | b\" c",
                "A=\"b\\nc\"       | b<line end>c",
                "A=\"C:\\\\new\"   | C:\\new",
                "A=\"b\\\\\"       | b\\",
                "A=\"b\\\"         | \"b\\\"",
                "A='b\\n'          | b\\n",
                "A=b\u2028c        | b\u2028c",
            })
    void a_line_is_read_as_a_shell_would(String line, String value) {
        assertThat(value(line)).isEqualTo(value);
    }

    /** It took the reader's stack. */
    @Test
    void a_quoted_value_may_be_long() {
        String value = "a\\\"".repeat(100_000);

        assertThat(value("A=\"" + value + "\"")).isEqualTo("a\"".repeat(100_000));
    }
}
