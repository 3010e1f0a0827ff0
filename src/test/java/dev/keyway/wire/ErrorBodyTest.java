package dev.keyway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ErrorBodyTest {
    @Test
    void sdks_and_older_clients_both_find_the_message() {
        ApiException tooLarge =
                new ApiException(ErrorCode.TOO_LARGE, "The body is too \"large\"").withDetail("max_size", 10);

        assertThat(text(ErrorBody.json(tooLarge, "r-1")))
                .isEqualTo(
                        "{\"error\":{\"code\":413,\"message\":\"The body is too \\\"large\\\"\",\"type\":\"validation\","
                                + "\"details\":{\"max_size\":10},\"request_id\":\"r-1\"},\"detail\":\"The body is too \\\"large\\\"\"}");
    }

    @Test
    void without_details_the_member_is_left_out() {
        assertThat(text(ErrorBody.json(431, "validation", "too long", "r-2")))
                .isEqualTo("{\"error\":{\"code\":431,\"message\":\"too long\",\"type\":\"validation\","
                        + "\"request_id\":\"r-2\"},\"detail\":\"too long\"}");
    }

    @Test
    void the_messages_api_gets_anthropics_shape() {
        assertThat(text(ErrorBody.anthropicJson(new ApiException(ErrorCode.UNAVAILABLE, "later"), "r-3")))
                .isEqualTo("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"later\"},"
                        + "\"request_id\":\"r-3\"}");
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }
}
