package dev.keyway.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.exchange.Api;
import dev.keyway.wire.ErrorCode;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BrokenEndTest {
    private static final SeenIds SEEN = new SeenIds("gen-1-a", 1795100400L, "openai/gpt-4.1-mini", 14, false);

    @ParameterizedTest
    @EnumSource(names = {"CHAT", "COMPLETIONS"})
    void chat_ends_with_a_chunk_that_carries_the_error(Api api) {
        assertThat(end(api, SEEN, "", ErrorCode.UPSTREAM, "the upstream broke off"))
                .isEqualTo("data: {\"id\":\"gen-1-a\",\"object\":\"chat.completion.chunk\",\"created\":1795100400,"
                        + "\"model\":\"openai/gpt-4.1-mini\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},"
                        + "\"finish_reason\":\"error\"}],\"error\":{\"code\":502,\"message\":\"the upstream broke off\","
                        + "\"metadata\":{\"error_type\":\"provider_unavailable\"}}}\n\n");
    }

    @Test
    void messages_end_with_anthropics_error_event() {
        assertThat(end(Api.MESSAGES, SEEN, "\n", ErrorCode.TIMEOUT, "silent for 300 s"))
                .isEqualTo(
                        "\nevent: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"timeout_error\","
                                + "\"message\":\"silent for 300 s\",\"error_type\":\"timeout\"},\"request_id\":\"gen-1-a\"}\n\n");
        assertThat(end(Api.MESSAGES, SeenIds.NONE, "", ErrorCode.UNAVAILABLE, "m"))
                .isEqualTo("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
                        + "\"message\":\"m\",\"error_type\":\"provider_unavailable\"},\"request_id\":null}\n\n");
    }

    @Test
    void responses_end_with_the_next_sequence_number() {
        assertThat(end(Api.RESPONSES, SEEN, "\r\n", ErrorCode.UPSTREAM, "m"))
                .isEqualTo("\r\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"m\",\"param\":null,"
                        + "\"sequence_number\":15}\n\n");
        assertThat(end(Api.RESPONSES, SeenIds.NONE, "", ErrorCode.UPSTREAM, "m"))
                .contains("\"sequence_number\":0}");
    }

    @Test
    void other_streams_end_with_the_error_alone() {
        assertThat(end(Api.OTHER, SEEN, "", ErrorCode.TIMEOUT, "m"))
                .isEqualTo(
                        "data: {\"error\":{\"code\":504,\"message\":\"m\",\"metadata\":{\"error_type\":\"timeout\"}}}"
                                + "\n\n");
    }

    @Test
    void ids_that_were_not_seen_keep_their_types() {
        assertThat(end(Api.CHAT, SeenIds.NONE, "", ErrorCode.UPSTREAM, "m"))
                .startsWith("data: {\"id\":\"\",\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":\"\",");
    }

    @ParameterizedTest
    @EnumSource(Api.class)
    void any_text_stays_one_event_of_sound_json(Api api) {
        String odd = "a \"quoted\" \\ line\r\nbreak \u0000 \uD800 潮";
        SeenIds seen = new SeenIds(odd, 1L, odd, 0, false);

        String end = end(api, seen, "", ErrorCode.UPSTREAM, odd);

        String data = end.substring(end.indexOf("data: ") + 6, end.length() - 2);
        assertThat(data).doesNotContain("\n", "\r", "[DONE]");
        JsonNode json = Json.tree(data.getBytes(UTF_8), 0, data.getBytes(UTF_8).length);
        assertThat(json.isObject()).isTrue();
        assertThat(json.has("error") && json.get("error").isNull()).isFalse();
        assertThat(json.findValue("message").textValue()).isEqualTo(odd.replace('\uD800', '?'));
        assertThat(end).endsWith("}\n\n");
    }

    @ParameterizedTest
    @EnumSource(Api.class)
    void our_own_probe_takes_it_for_an_error(Api api) {
        AnswerProbe probe = AnswerProbes.of("text/event-stream");
        byte[] end = BrokenEnd.of(api, SEEN, "", ErrorCode.UPSTREAM, "m");

        assertThat(probe.feed(ByteBuffer.wrap(end))).isInstanceOf(FirstWord.Failure.class);
    }

    private static String end(Api api, SeenIds seen, String closing, ErrorCode code, String message) {
        return new String(BrokenEnd.of(api, seen, closing, code, message), UTF_8);
    }
}
