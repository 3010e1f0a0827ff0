package dev.keyway.wire;

import static dev.keyway.wire.JsonText.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** What must neither take time nor memory. The times are far above what is needed, and far below what quadratic needs. */
class JsonLimitsTest {
    private static final int MILLION = 1_000_000;
    private static final int LARGE = 20 << 20;
    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    void twenty_megabytes_of_base64_are_neither_copied_nor_built() {
        byte[] bytes = large();
        JsonBody.parse(bytes).with("model", TextNode.valueOf("warm"));

        long before = allocated();
        JsonBody body = JsonBody.parse(bytes).with("model", TextNode.valueOf("m"));
        long taken = allocated() - before;

        assertThat(taken).isLessThan(64 << 10);
        assertThat(body.asValue().parts())
                .filteredOn(part -> part.length() > MILLION)
                .singleElement()
                .satisfies(part -> assertThat(part.array()).isSameAs(bytes));
    }

    @Test
    void an_inner_edit_shares_twenty_megabytes_too() {
        byte[] bytes = large();
        JsonBody body = JsonBody.parse(bytes);
        JsonValue image = Objects.requireNonNull(body.value("image"));

        JsonValue wrapped = JsonValue.array(List.of(image));

        assertThat(wrapped.parts()).anySatisfy(part -> assertThat(part.array()).isSameAs(bytes));
        assertThat(wrapped.parts()).hasSize(3);
    }

    @Test
    void depth_of_a_million_is_refused_at_once() {
        byte[] arrays = ("{\"a\":" + "[".repeat(MILLION)).getBytes(StandardCharsets.UTF_8);
        byte[] objects = "{\"a\":".repeat(MILLION).getBytes(StandardCharsets.UTF_8);

        Assertions.assertTimeout(SOON, () -> {
            assertThat(refusal(arrays).text()).contains("deeper than 500 levels");
            assertThat(refusal(objects).text()).contains("deeper than 500 levels");
        });
    }

    @Test
    void a_million_nested_names_pass_in_little_memory() {
        String nested =
                IntStream.range(0, MILLION).mapToObj(i -> "\"k" + i + "\":0").collect(Collectors.joining(","));
        byte[] bytes = ("{\"a\":{" + nested + "}}").getBytes(StandardCharsets.UTF_8);

        long before = allocated();
        JsonBody body = Assertions.assertTimeout(SOON, () -> JsonBody.parse(bytes));

        assertThat(allocated() - before).isLessThan(64 << 10);
        assertThat(body.names()).containsExactly("a");
    }

    @Test
    void ten_thousand_members_pass_at_the_top_level_and_one_more_is_refused() {
        String members = IntStream.range(0, JsonBody.MAX_MEMBERS)
                .mapToObj(i -> "\"k" + i + "\":0")
                .collect(Collectors.joining(","));
        byte[] million = IntStream.range(0, MILLION)
                .mapToObj(i -> "\"k" + i + "\":0")
                .collect(Collectors.joining(",", "{", "}"))
                .getBytes(StandardCharsets.UTF_8);

        assertThat(parse("{" + members + "}").names()).hasSize(JsonBody.MAX_MEMBERS);
        assertThat(refusal(("{" + members + ",\"x\":0}").getBytes(StandardCharsets.UTF_8))
                        .text())
                .contains("more than 10000 members in one object");
        Assertions.assertTimeout(SOON, () -> refusal(million));
    }

    @Test
    void numbers_and_names_of_megabytes_pass() {
        String digits = "1".repeat(5 * MILLION);
        String name = "n".repeat(5 * MILLION);

        JsonBody body = Assertions.assertTimeout(SOON, () -> parse("{\"a\":{\"" + name + "\":" + digits + "}}"));

        assertThat(body.length()).isGreaterThan(10L * MILLION);
    }

    private static byte[] large() {
        return ("{\"model\":\"a\",\"image\":\"" + "QUJD".repeat(LARGE / 4) + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    private static ApiException refusal(byte[] bytes) {
        return catchThrowableOfType(ApiException.class, () -> JsonBody.parse(bytes));
    }

    private static long allocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.getCurrentThreadAllocatedBytes();
    }
}
