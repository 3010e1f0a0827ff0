package dev.keyway.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.exchange.Api;
import dev.keyway.filter.param.Params;
import dev.keyway.slug.Slug;
import dev.keyway.slug.SlugParser;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.JsonBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Any text as a model string: its parts, and its parameters in the request of each API. A seed is the string. */
class ModelStringFuzzTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final byte[] REQUEST =
            "{\"model\":\"m\",\"reasoning\":{\"max_tokens\":9},\"text\":null,\"thinking\":[]}"
                    .getBytes(StandardCharsets.UTF_8);

    @FuzzTest
    void is_taken_apart_or_refused(byte[] seed) throws IOException {
        String model = SeedText.of(seed);
        Slug slug;
        try {
            slug = SlugParser.parse(model);
        } catch (ApiException refused) {
            assertThat(refused.code()).isEqualTo(ErrorCode.VALIDATION);
            return;
        }

        assertThat(SlugParser.parse(slug.toString())).isEqualTo(slug);
        assertThat(slug.tags()).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(100);
        assertThat(slug.params()).hasSizeLessThanOrEqualTo(100);
        for (Api api : Api.values()) {
            parametersAreWrittenOrTold(slug, api);
        }
    }

    private static void parametersAreWrittenOrTold(Slug slug, Api api) throws IOException {
        Params params = new Params(api);

        JsonBody written = params.write(JsonBody.parse(REQUEST), slug.params());

        assertThat(JSON.readTree(bytes(written)).path("model").textValue()).isEqualTo("m");
        assertThat(params.told()).hasSizeLessThan(1000).doesNotContain("\n", "\r", "\u001b", "sk-");
    }

    private static byte[] bytes(JsonBody body) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (ByteBuffer slice : body.slices()) {
            byte[] part = new byte[slice.remaining()];
            slice.duplicate().get(part);
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
