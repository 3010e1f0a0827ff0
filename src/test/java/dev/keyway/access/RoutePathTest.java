package dev.keyway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutePathTest {
    @ParameterizedTest
    @CsvSource({
        "/v1/chat/completions, /v1, /chat/completions, chat|completions",
        "/api/v1/chat/completions, /api/v1, /chat/completions, chat|completions",
        "/v1, /v1, '', ''",
        "/v1/, /v1, /, ''",
        "/api/v1/models/, /api/v1, /models/, models",
        "/v1/models/a%2Fb, /v1, /models/a%2Fb, models|a/b",
        "/v1/models/qwen/qwen3%3Afree, /v1, /models/qwen/qwen3%3Afree, models|qwen|qwen3:free",
        "/v1/models/caf%C3%A9, /v1, /models/caf%C3%A9, models|café",
        "/v1/models/a+b%20c, /v1, /models/a+b%20c, models|a+b c",
        "/v1/models/100%25, /v1, /models/100%25, models|100%",
        "/v1/models/a..b/...,  /v1, /models/a..b/..., models|a..b|...",
        "/v1models/x, '', /v1models/x, v1models|x",
        "/health, '', /health, health",
        "/, '', /, ''",
    })
    void a_path_is_split_into_prefix_and_decoded_segments(String raw, String prefix, String rest, String segments) {
        RoutePath path = RoutePath.of(raw);

        assertThat(path.prefix()).isEqualTo(prefix);
        assertThat(path.rest()).isEqualTo(rest);
        assertThat(String.join("|", path.segments())).isEqualTo(segments);
    }

    @Test
    void words_are_split_at_encoded_slashes_too() {
        assertThat(RoutePath.of("/v1/Keys%2Fabc/D").words()).isEqualTo(List.of("keys", "abc", "d"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "v1/models",
                "/v1/../admin",
                "/v1/./models",
                "/v1/models/..",
                "/v1/%2e%2e/admin",
                "/v1/%2E./admin",
                "/v1/x%2F..%2Fkeys",
                "/v1/x%2f%2e%2e%2fkeys",
                "/v1//keys",
                "//v1/keys",
                "/v1/models//",
                "/v1/%2Fkeys",
                "/v1/keys%2F",
                "/v1/a%2F%2Fb",
                "/v1/keys;x=1",
                "/v1;x/keys",
                "/v1/keys%3Bx",
                "/v1/a\\b",
                "/v1/a%5Cb",
                "/v1/a%00b",
                "/v1/a%0Ab",
                "/v1/a%7Fb",
                "/v1/a b",
                "/v1/caf\u00e9",
                "/v1/a%",
                "/v1/a%2",
                "/v1/a%zz",
                "/v1/a%ff",
                "/v1/a%C0%AF",
                "/v1/a%ED%A0%80",
                "/v1/%252e%252e/admin",
                "/v1/%256beys",
                "/%761/keys",
                "/api%2Fv1/keys",
                "/ap%69/v1/keys",
            })
    void an_ambiguous_path_is_refused(String raw) {
        assertThatThrownBy(() -> RoutePath.of(raw)).isInstanceOfSatisfying(ApiException.class, refused -> {
            assertThat(refused.code()).isEqualTo(ErrorCode.VALIDATION);
            assertThat(refused.text()).startsWith("the path is ambiguous: ");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v1/inference, INFERENCE",
        "/api/v1/inference/, INFERENCE",
        "/api/v1/inference/stream, INFERENCE",
        "/api/v1/inference%2Fstream, INFERENCE",
        "/api/v1/%69nference, INFERENCE",
        "/api/v1/inferences, OTHER",
        "/v1/inference, OTHER",
        "/api/v1/models, OTHER",
        "/api/v1/models/, OTHER",
        "/api/v1/models/top, CATALOGUE",
        "/api/v1/models%2Ftop, CATALOGUE",
        "/api/v1/models/search, CATALOGUE",
        "/api/v1/models/providers, CATALOGUE",
        "/api/v1/models/providers/openai, CATALOGUE",
        "/api/v1/models/openai/gpt-4o, CATALOGUE",
        "/api/v1/models/openai%2Fgpt-4o, CATALOGUE",
        "/api/v1/models/openai%2Fgpt-4o/pricing, CATALOGUE",
        "/api/v1/models/openai/gpt-4o/parameters, CATALOGUE",
        "/api/v1/models/openai/gpt-4o/endpoints, OTHER",
        "/api/v1/models/count, OTHER",
        "/api/v1/models/user, OTHER",
        "/api/v1/chat/completions, OTHER",
        "/v1/models/top, OTHER",
        "/ws, SOCKET",
        "/ws/more, OTHER",
        "/, OTHER",
    })
    void C11_the_routes_that_had_limits_are_told_from_all_others_however_they_are_spelled(
            String raw, RoutePath.Kind kind) {
        assertThat(RoutePath.of(raw).kind()).isEqualTo(kind);
    }

    @Test
    void no_text_makes_it_fail_otherwise() {
        Random random = new Random(7);
        String alphabet = "/%2eEfF.;\\ab1\u00e9\u0000v";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder raw = new StringBuilder("/v1/");
            for (int n = random.nextInt(12); n > 0; n--) {
                raw.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            try {
                RoutePath path = RoutePath.of(raw.toString());

                assertThat(path.prefix() + path.rest()).isEqualTo(raw.toString());
                assertThat(path.words()).doesNotContain("", ".", "..");
            } catch (ApiException refused) {
                assertThat(refused.code()).isEqualTo(ErrorCode.VALIDATION);
            }
        }
    }
}
