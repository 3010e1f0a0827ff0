package dev.keyway.wire;

import static dev.keyway.wire.JsonText.parse;
import static dev.keyway.wire.JsonText.sent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyRefusalTest {
    private static final String START = "The body must be one JSON object in UTF-8: ";

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                         | it ends where an object is expected at byte 0 (line 1, column 1)",
                "[]                         | expected an object at byte 0 (line 1, column 1)",
                "\"text\"                   | expected an object at byte 0 (line 1, column 1)",
                "null                       | expected an object at byte 0 (line 1, column 1)",
                "{                          | it ends where a member name or } is expected at byte 1 (line 1, column 2)",
                "{\"a\":1                   | it ends where a comma or } is expected at byte 6 (line 1, column 7)",
                "{\"a\"                     | it ends where a colon is expected at byte 4 (line 1, column 5)",
                "{\"a\":                    | it ends where a value is expected at byte 5 (line 1, column 6)",
                "{\"a\" 1}                  | expected a colon at byte 5 (line 1, column 6)",
                "{a:1}                      | expected a member name in double quotes at byte 1 (line 1, column 2)",
                "{'a':1}                    | expected a member name in double quotes at byte 1 (line 1, column 2)",
                "{\"a\":1,}                 | expected a member name in double quotes at byte 7 (line 1, column 8)",
                "{\"a\":1 \"b\":2}          | expected a comma or } at byte 7 (line 1, column 8)",
                "{\"a\":[1 2]}              | expected a comma or ] at byte 8 (line 1, column 9)",
                "{\"a\":[1}                 | expected a comma or ] at byte 7 (line 1, column 8)",
                "{\"a\":[1,]}               | expected a value at byte 8 (line 1, column 9)",
                "{\"a\":{\"b\":1]}          | expected a comma or } at byte 11 (line 1, column 12)",
                "{\"a\":01}                 | expected a comma or } at byte 6 (line 1, column 7)",
                "{\"a\":1.}                 | expected a digit at byte 7 (line 1, column 8)",
                "{\"a\":-}                  | expected a digit at byte 6 (line 1, column 7)",
                "{\"a\":1e+}                | expected a digit at byte 8 (line 1, column 9)",
                "{\"a\":+1}                 | expected a value at byte 5 (line 1, column 6)",
                "{\"a\":.5}                 | expected a value at byte 5 (line 1, column 6)",
                "{\"a\":NaN}                | expected a value at byte 5 (line 1, column 6)",
                "{\"a\":True}               | expected a value at byte 5 (line 1, column 6)",
                "{\"a\":nul}                | expected a value at byte 5 (line 1, column 6)",
                "{\"a\":1} x                | nothing but white space may follow the object at byte 8 (line 1, column 9)",
                "{\"a\":1}{}                | nothing but white space may follow the object at byte 7 (line 1, column 8)",
                "{\"a\":1,\"b\":2,\"a\":3}  | the member name of byte 1 stands a second time at byte 13 (line 1, column 14)",
                "{\"a\":1,\"\\u0061\":3}    | the member name of byte 1 stands a second time at byte 7 (line 1, column 8)",
                "{\"a\":\"secret}           | it ends inside a string at byte 13 (line 1, column 14)",
                "{\"a\":\"\\x\"}            | unknown escape in a string at byte 6 (line 1, column 7)",
                "{\"a\":\"\\u12g4\"}        | \\u must be followed by four hexadecimal digits at byte 6 (line 1, column 7)",
                "{//c                       | expected a member name in double quotes at byte 1 (line 1, column 2)",
            })
    void broken_json_is_refused_with_what_and_where(String json, String problem) {
        ApiException refusal = refusal(json.getBytes(StandardCharsets.UTF_8));

        assertThat(refusal.code()).isEqualTo(ErrorCode.VALIDATION);
        assertThat(refusal.text()).isEqualTo(START + problem);
    }

    @Test
    void place_is_told_by_line_and_column_too() {
        ApiException refusal = refusal("{\n \"a\": 1,\n  oops}".getBytes(StandardCharsets.UTF_8));

        assertThat(refusal.text()).endsWith("at byte 13 (line 3, column 3)");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "80",
                "bf",
                "c0af",
                "c1bf",
                "c2",
                "c241",
                "e08080",
                "e09fbf",
                "eda080",
                "edbfbf",
                "e282",
                "f0808080",
                "f08fbfbf",
                "f4908080",
                "f5808080",
                "ff",
                "fe",
                "f09f98"
            })
    void invalid_utf_8_is_refused_in_nested_strings_and_names(String hex) {
        byte[] inValue = around("{\"a\":[{\"b\":\"", hex, "\"}]}");
        byte[] inName = around("{\"", hex, "\":1}");

        assertThat(refusal(inValue).text()).startsWith(START + "invalid UTF-8 at byte 12");
        assertThat(refusal(inName).text()).startsWith(START + "invalid UTF-8 at byte 2");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "efbfbf", "f0908080", "f48fbfbf"})
    void valid_utf_8_passes_to_the_edges_of_its_ranges(String hex) {
        byte[] bytes = around("{\"a\":\"", hex, "\"}");

        JsonBody body = JsonBody.parse(bytes);

        assertThat(sent(body).getBytes(StandardCharsets.UTF_8)).isEqualTo(bytes);
    }

    @Test
    void control_characters_in_strings_are_refused() {
        for (int control = 0; control < 0x20; control++) {
            String json = "{\"a\":\"" + (char) control + "\"}";

            assertThat(refusal(json.getBytes(StandardCharsets.UTF_8)).text())
                    .startsWith(START + "a control character in a string must be escaped at byte 6");
        }
    }

    @Test
    void a_byte_order_mark_and_other_encodings_are_refused() {
        byte[] marked = around("", "efbbbf", "{\"a\":1}");

        assertThat(refusal(marked).text()).startsWith(START + "a byte order mark is not allowed at byte 0");
        assertThat(refusal("{\"a\":1}".getBytes(StandardCharsets.UTF_16)).text())
                .startsWith(START + "expected an object at byte 0");
        assertThat(refusal("{\"a\":1}".getBytes(StandardCharsets.UTF_16LE)).text())
                .startsWith(START + "expected a member name in double quotes at byte 1");
    }

    @Test
    void depth_of_500_passes_and_501_is_refused() {
        String deepest = "{\"a\":" + "[".repeat(499) + "]".repeat(499) + "}";
        String tooDeep = "{\"a\":" + "[".repeat(500) + "]".repeat(500) + "}";

        assertThat(sent(parse(deepest))).isEqualTo(deepest);
        assertThat(parse(deepest).node("a")).isNotNull();
        assertThat(refusal(tooDeep.getBytes(StandardCharsets.UTF_8)).text())
                .isEqualTo(START + "it is nested deeper than 500 levels at byte 504 (line 1, column 505)");
    }

    @Test
    void nested_duplicates_pass() {
        String json = "{\"a\":{\"x\":1,\"x\":2},\"b\":[{\"y\":1,\"y\":1}]}";

        assertThat(sent(parse(json))).isEqualTo(json);
    }

    @Test
    void a_number_beyond_reason_passes_untouched_and_is_refused_only_where_it_is_read() {
        for (String number : List.of("1e99999999999", "1".repeat(1_001), "0." + "1".repeat(1_000_000))) {
            String json = "{\"n\":" + number + "}";
            JsonBody body = parse(json);

            ApiException refusal = catchThrowableOfType(ApiException.class, () -> body.node("n"));

            assertThat(sent(body)).isEqualTo(json);
            assertThat(refusal.code()).isEqualTo(ErrorCode.VALIDATION);
            assertThat(refusal)
                    .hasMessage("A number in the body has an exponent out of range or more than 1000 digits")
                    .hasNoCause();
        }
    }

    private static ApiException refusal(byte[] bytes) {
        ApiException refusal = catchThrowableOfType(ApiException.class, () -> JsonBody.parse(bytes));
        assertThat(refusal).describedAs("it was accepted").isNotNull();
        return refusal;
    }

    private static byte[] around(String before, String hex, String after) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(before.getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(HexFormat.of().parseHex(hex));
        bytes.writeBytes(after.getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }
}
