package dev.keyway.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatAnswersTest {
    private static final String CHAT = "/chat/completions";
    private static final String ASK =
            "{\"model\":\"openai/gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private Sandbox sandbox;

    @BeforeEach
    void start() throws IOException {
        sandbox = Sandbox.start(SandboxOptions.forTests());
    }

    @AfterEach
    void stop() {
        sandbox.close();
    }

    private RawClient.Answer ask(String path, String json, String... headers) throws IOException {
        try (RawClient client = new RawClient(sandbox)) {
            return client.post(path, json, headers).answer();
        }
    }

    private static String with(String members) {
        return ASK.substring(0, ASK.length() - 1) + "," + members + "}";
    }

    private static String model(String model, String members) {
        return with(members).replace("openai/gpt-4o-mini", model);
    }

    @Test
    void whole_answer_has_the_members_of_the_real_one() throws Exception {
        RawClient.Answer answer = ask(CHAT, ASK);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(Shapes.of(answer.json())).isEqualTo(Shapes.of(Shapes.json("chat.json")));
        assertThat(answer.header("X-Generation-Id"))
                .matches("gen-[0-9]+-[A-Za-z0-9]{20}")
                .isEqualTo(answer.json().get("id").asText());
    }

    @Test
    void stream_has_comments_the_members_of_the_real_one_and_done_last() throws Exception {
        RawClient.Answer answer = ask(CHAT, with("\"stream\":true"));

        assertThat(answer.header("Content-Type")).isEqualTo("text/event-stream");
        assertThat(answer.body())
                .startsWith(": OPENROUTER PROCESSING\n\ndata: ")
                .endsWith("\n\ndata: [DONE]\n\n");
        assertThat(answer.body().split(": OPENROUTER PROCESSING\n\n", -1)).hasSize(3);
        List<JsonNode> events = answer.events();
        List<JsonNode> real = Shapes.events("chat-stream.sse");
        assertThat(Shapes.of(events.get(0))).isEqualTo(Shapes.of(real.get(3))).contains(".choices[].delta.content");
        assertThat(Shapes.of(events.get(events.size() - 1))).isEqualTo(Shapes.of(real.get(real.size() - 1)));
        assertThat(events)
                .allSatisfy(event -> assertThat(event.get("id").asText()).isEqualTo(answer.header("X-Generation-Id")));
    }

    @ParameterizedTest
    @CsvSource({"1,0,none", "2,1,stop", "3,1,none"})
    void usage_chunk_comes_in_each_of_its_three_forms(String form, int choices, String finish) throws Exception {
        List<JsonNode> events =
                ask(CHAT, model("sandbox/usage-" + form, "\"stream\":true")).events();

        JsonNode last = events.get(events.size() - 1);
        assertThat(last.get("choices").size()).isEqualTo(choices);
        assertThat(last.at("/choices/0/finish_reason").asText("none").replace("null", "none"))
                .isEqualTo(finish);
        assertThat(events.stream().filter(event -> event.has("usage"))).hasSize(1);
    }

    @Test
    void cost_is_tokens_times_the_price_strings_to_the_last_digit() throws Exception {
        RawClient.Answer answer = ask(CHAT, ASK);

        JsonNode usage = answer.json().get("usage");
        BigDecimal prompt =
                new BigDecimal("0.00000015").multiply(usage.get("prompt_tokens").decimalValue());
        BigDecimal completion = new BigDecimal("0.0000006")
                .multiply(usage.get("completion_tokens").decimalValue());
        assertThat(usage.get("cost").decimalValue()).isEqualByComparingTo(prompt.add(completion));
        assertThat(usage.at("/cost_details/upstream_inference_prompt_cost").decimalValue())
                .isEqualByComparingTo(prompt);
        assertThat(sandbox.awaitIdle(Duration.ofSeconds(5))).isTrue();
        assertThat(sandbox.billed()).isEqualByComparingTo(prompt.add(completion));
        assertThat(sandbox.received().get(0).billed()).isEqualByComparingTo(prompt.add(completion));
    }

    @Test
    void answer_tells_which_model_reasoning_and_provider_it_was_asked_for() throws Exception {
        String wish = "\"reasoning\":{\"effort\":\"high\"},\"provider\":{\"order\":[\"fireworks\"]}";

        JsonNode answer = ask(CHAT, model("deepseek/deepseek-r1", wish)).json();

        assertThat(answer.at("/choices/0/message/content").asText())
                .contains("deepseek/deepseek-r1 on Fireworks")
                .contains("\"reasoning\":{\"effort\":\"high\"}")
                .contains("\"provider\":{\"order\":[\"fireworks\"]}")
                .doesNotContain("\"hi\"");
        assertThat(answer.get("provider").asText()).isEqualTo("Fireworks");
        assertThat(answer.at("/choices/0/message/reasoning").asText()).startsWith("Effort high.");
        assertThat(answer.at("/usage/completion_tokens_details/reasoning_tokens")
                        .asInt())
                .isEqualTo(12);
    }

    @Test
    void reasoning_is_streamed_before_the_text_and_only_when_asked_for() throws Exception {
        List<JsonNode> asked = ask(
                        CHAT, model("anthropic/claude-sonnet-4.6", "\"stream\":true,\"reasoning\":{\"enabled\":true}"))
                .events();
        List<JsonNode> not = ask(CHAT, model("anthropic/claude-sonnet-4.6", "\"stream\":true"))
                .events();

        assertThat(asked.get(0).at("/choices/0/delta/reasoning").asText()).isEqualTo("Effort medium.");
        assertThat(Shapes.of(asked.get(0)))
                .isEqualTo(Shapes.of(Shapes.events("chat-stream.sse").get(0)));
        assertThat(not)
                .noneSatisfy(event -> assertThat(event.at("/choices/0/delta").has("reasoning"))
                        .isTrue());
        assertThat(asked.get(0).get("model").asText()).isEqualTo("anthropic/claude-4.6-sonnet-20260217");
    }

    @Test
    void max_tokens_caps_the_answer() throws Exception {
        JsonNode answer = ask(CHAT, with("\"max_tokens\":5")).json();

        assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(5);
        assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("length");
    }

    @Test
    void second_model_of_the_list_answers_when_the_first_refuses() throws Exception {
        JsonNode answer = ask(CHAT, model("sandbox/502", "\"models\":[\"moonshotai/kimi-k2\"]"))
                .json();

        assertThat(answer.get("model").asText()).isEqualTo("moonshotai/kimi-k2");
    }

    @Test
    void provider_that_no_endpoint_has_is_a_404() throws Exception {
        RawClient.Answer answer = ask(CHAT, with("\"provider\":{\"only\":[\"fireworks\"]}"));

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().at("/error/message").asText()).isEqualTo("No endpoints found for openai/gpt-4o-mini.");
    }

    @Test
    void variants_of_a_model_are_accepted_and_unknown_models_refused() throws Exception {
        RawClient.Answer nitro = ask(CHAT, model("moonshotai/kimi-k2:nitro", "\"n\":1"));
        RawClient.Answer none = ask(CHAT, model("acme/no-such-model", "\"n\":1"));

        assertThat(nitro.status()).isEqualTo(200);
        assertThat(none.status()).isEqualTo(400);
        assertThat(Shapes.of(none.json())).isEqualTo(Shapes.of(Shapes.json("error-400-model.json")));
        assertThat(none.json().get("error"))
                .isEqualTo(Shapes.json("error-400-model.json").get("error"));
    }

    @Test
    void metadata_is_added_when_its_header_asks() throws Exception {
        JsonNode with = ask(CHAT, ASK, "X-OpenRouter-Metadata: Enabled").json();
        JsonNode without = ask(CHAT, ASK).json();

        assertThat(with.at("/openrouter_metadata/requested").asText()).isEqualTo("openai/gpt-4o-mini");
        assertThat(without.has("openrouter_metadata")).isFalse();
    }

    @Test
    void prompt_marked_for_caching_is_written_first_and_read_the_second_time() throws Exception {
        String marked = model("anthropic/claude-sonnet-4.6", "\"cache_control\":{\"type\":\"ephemeral\"}");

        JsonNode first = ask(CHAT, marked).json().at("/usage/prompt_tokens_details");
        JsonNode second = ask(CHAT, marked).json().at("/usage/prompt_tokens_details");

        assertThat(first.get("cache_write_tokens").asInt()).isPositive();
        assertThat(first.get("cached_tokens").asInt()).isZero();
        assertThat(second.get("cached_tokens").asInt())
                .isEqualTo(first.get("cache_write_tokens").asInt());
    }

    @Test
    void legacy_completions_have_the_members_of_the_real_ones() throws Exception {
        String prompt = "{\"model\":\"openai/gpt-4o-mini\",\"prompt\":\"and\"}";

        RawClient.Answer whole = ask("/completions", prompt);
        List<JsonNode> events =
                ask("/completions", prompt.replace("}", ",\"stream\":true}")).events();

        assertThat(Shapes.of(whole.json())).isEqualTo(Shapes.of(Shapes.json("completions.json")));
        assertThat(Shapes.of(events.get(0)))
                .isEqualTo(Shapes.of(Shapes.events("completions-stream.sse").get(0)));
    }

    @Test
    void generation_can_be_looked_up_afterwards_with_its_cost() throws Exception {
        RawClient.Answer answer = ask(CHAT, with("\"stream\":true"));
        assertThat(sandbox.awaitIdle(Duration.ofSeconds(5))).isTrue();

        JsonNode row;
        RawClient.Answer unknown;
        try (RawClient client = new RawClient(sandbox)) {
            row = client.get("/generation?id=" + answer.header("X-Generation-Id"))
                    .answer()
                    .json();
            unknown = client.get("/generation?id=gen-unknown").answer();
        }

        assertThat(Shapes.of(row)).isEqualTo(Shapes.of(Shapes.json("generation.json")));
        assertThat(row.at("/data/total_cost").decimalValue()).isEqualByComparingTo(sandbox.billed());
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.json()).isEqualTo(Shapes.json("generation-404.json"));
    }
}
