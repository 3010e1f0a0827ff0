package dev.keyway.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.models.Model;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Sandbox;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the official OpenAI client for Java does with Keyway as its base URL, wherever Keyway runs. */
abstract class OpenAiSdkContract {
    static final String ACCESS_KEY = "sdk-test-access-key";
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final Duration ABORT_LIMIT = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(10);

    private OpenAIClient client = clientWith(ACCESS_KEY);

    /** What an application would set as its base URL. */
    abstract URI baseUrl();

    abstract Sandbox sandbox();

    @BeforeEach
    void begin() {
        sandbox().clear();
        client = clientWith(ACCESS_KEY);
    }

    @AfterEach
    void end() {
        client.close();
    }

    private OpenAIClient clientWith(String key) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(baseUrl().toString())
                .apiKey(key)
                .maxRetries(0)
                .build();
    }

    private static ChatCompletionCreateParams chat(String model) {
        return ChatCompletionCreateParams.builder()
                .model(model)
                .addUserMessage("hello")
                .build();
    }

    private ChatCompletion whole(String model) {
        return client.chat().completions().create(chat(model));
    }

    @SuppressWarnings("MustBeClosedChecker") // by whoever asks for one and is not refused
    private StreamResponse<ChatCompletionChunk> stream(String model) {
        return client.chat().completions().createStreaming(chat(model));
    }

    @Test
    void C4_a_model_is_retrieved_by_its_id_with_the_slash_encoded() {
        Model model = client.models().retrieve(MODEL);

        assertThat(model.id()).isEqualTo(MODEL);
        assertThat(model.ownedBy()).isEqualTo("openai");
    }

    @Test
    void models_are_listed_with_who_owns_them() {
        assertThat(client.models().list().data())
                .anySatisfy(model -> assertThat(model.id()).isEqualTo(MODEL))
                .allSatisfy(model -> assertThat(model.ownedBy()).isNotEmpty());
    }

    private Received only() {
        List<Received> received = sandbox().received();
        assertThat(received).hasSize(1);
        return received.get(0);
    }

    /** Reads to the end or the error; the text so far is kept. */
    private static void readInto(StringBuilder text, StreamResponse<ChatCompletionChunk> stream) {
        stream.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .flatMap(choice -> choice.delta().content().stream())
                .forEach(text::append);
    }

    private static String contentOf(ChatCompletion answer) {
        return answer.choices().get(0).message().content().orElse("");
    }

    @Test
    void a_chat_is_answered_and_its_slug_is_expanded() {
        ChatCompletion answer = whole(MODEL + "$think.high");

        assertThat(contentOf(answer)).isNotBlank();
        assertThat(answer.usage()).isPresent();
        assertThat(only().bodyText()).contains("\"model\":\"" + MODEL + "\"", "\"effort\":\"high\"");
        assertThat(only().header("Authorization")).startsWith("Bearer sk-or-v1-");
    }

    @Test
    void a_stream_has_the_text_of_the_whole_answer() {
        // The stand-in's text tells the members of the request.
        String expected = contentOf(whole(MODEL)).replace("\"usage\"", "\"stream\":true,\"usage\"");
        StringBuilder text = new StringBuilder();

        try (StreamResponse<ChatCompletionChunk> stream = stream(MODEL)) {
            readInto(text, stream);
        }

        assertThat(text).hasToString(expected);
    }

    @Test
    void own_and_upstream_errors_are_the_clients_exceptions_with_a_readable_message() {
        failsWith(BadRequestException.class, MODEL + "$" + tags(), "100");
        failsWith(BadRequestException.class, "sandbox/400", "");
        failsWith(RateLimitException.class, "sandbox/429-upstream", "");
        client.close();
        client = clientWith("not-the-access-key");
        failsWith(UnauthorizedException.class, MODEL, "Invalid access key");
    }

    private static String tags() {
        return IntStream.rangeClosed(1, 101).mapToObj(i -> "p" + i).collect(Collectors.joining(","));
    }

    private <E extends OpenAIServiceException> void failsWith(Class<E> type, String model, String words) {
        E whole = catchThrowableOfType(type, () -> whole(model));
        assertThat(whole).describedAs(model).isNotNull();
        assertThat(whole.getMessage())
                .describedAs(model)
                .startsWith(whole.statusCode() + ": ")
                .contains(words)
                .doesNotContain("null", "sk-or-v1-");

        E streaming = catchThrowableOfType(type, () -> stream(model));
        assertThat(streaming).describedAs("streaming " + model).isNotNull();
        assertThat(streaming.getMessage()).isEqualTo(whole.getMessage());
    }

    @Test
    void an_error_as_first_event_is_an_exception_of_its_status_not_an_empty_stream() {
        BadRequestException failure =
                catchThrowableOfType(BadRequestException.class, () -> stream("sandbox/first-error:400"));

        assertThat(failure).isNotNull();
        assertThat(failure.getMessage()).startsWith("400: ");
    }

    @Test
    void a_broken_stream_throws_and_what_came_before_is_kept() {
        StringBuilder text = new StringBuilder();

        try (StreamResponse<ChatCompletionChunk> stream = stream("sandbox/cut:4")) {
            SseException failure = catchThrowableOfType(SseException.class, () -> readInto(text, stream));

            assertThat(failure).isNotNull();
            assertThat(failure.getMessage()).contains("upstream");
            assertThat(text).isNotEmpty();
        }
    }

    @Test
    void closing_a_stream_aborts_the_upstream() throws Exception {
        StreamResponse<ChatCompletionChunk> stream = stream("sandbox/paced:500:20");
        Iterator<ChatCompletionChunk> chunks = stream.stream().iterator();
        assertThat(chunks.next().choices()).isNotEmpty();

        long left = System.nanoTime();
        stream.close();

        assertThat(only().awaitClosedEarly(SOON)).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - left)).isLessThanOrEqualTo(ABORT_LIMIT);
    }
}
