package dev.keyway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
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
    void what_is_wrong_with_a_request_is_told_first_alone_and_then_all_of_it() {
        ApiException invalid = ApiException.invalid(List.of(
                new FieldProblem("limit", "/limit", "limit must be a whole number"),
                new FieldProblem("messages[0].role", "/messages/0/role", "role is required")));

        assertThat(text(ErrorBody.json(invalid.withHeader("X", "y"), "r-4")))
                .isEqualTo("{\"error\":{\"code\":400,\"message\":\"Validation error\",\"type\":\"validation\","
                        + "\"details\":{\"field\":\"limit\",\"message\":\"limit must be a whole number\"},"
                        + "\"errors\":[{\"field\":\"limit\",\"pointer\":\"/limit\","
                        + "\"message\":\"limit must be a whole number\"},"
                        + "{\"field\":\"messages[0].role\",\"pointer\":\"/messages/0/role\","
                        + "\"message\":\"role is required\"}],"
                        + "\"request_id\":\"r-4\"},\"detail\":\"Validation error\"}");
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
