package dev.keyway.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Api;
import dev.keyway.exchange.Client;
import dev.keyway.exchange.Credential;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.filter.FilterOptions.ProviderField;
import dev.keyway.wire.JsonText;
import dev.keyway.wire.Secret;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionFilterTest {
    private static final RequestFilter ON = new SessionFilter(new FilterOptions(ProviderField.BOTH, true, true));
    private static final Client ALICE = new Client("alice", new Credential.Pool());
    private static final Client BOB = new Client("bob", new Credential.Pool());
    private static final String SYSTEM = "{'role':'system','content':'be kind'}";
    private static final String HELLO = "{'role':'user','content':'hello'}";
    private static final String ANSWER = "{'role':'assistant','content':'hi'}";

    private static UpstreamRequest request(Client client, Api api, String body, String... sessionIds) {
        List<Header> headers = List.of(sessionIds).stream()
                .map(id -> new Header("X-Session-Id", id))
                .toList();
        RequestBody json = new RequestBody.Json(JsonText.parse(body.replace('\'', '"')));
        return FilterTesting.request(client, api, headers, json);
    }

    private static @Nullable String session(Client client, Api api, String body, String... sessionIds) {
        UpstreamRequest request = request(client, api, body, sessionIds);
        UpstreamRequest filtered = ON.apply(request);
        assertThat(filtered.body()).isSameAs(request.body());
        return filtered.session();
    }

    private static @Nullable String chat(String... messages) {
        return session(ALICE, Api.CHAT, "{'model':'m','messages':[" + String.join(",", messages) + "]}");
    }

    @Test
    void a_conversation_is_the_same_one_while_it_grows() {
        String next = "{'role':'user','content':'and now?'}";

        assertThat(chat(SYSTEM, HELLO)).isNotNull().isEqualTo(chat(SYSTEM, HELLO, ANSWER, next));
        assertThat(chat(HELLO)).isNotNull().isEqualTo(chat(HELLO, ANSWER, next));
    }

    @Test
    void conversations_that_begin_differently_are_different() {
        String other = "{'role':'user','content':'hello!'}";

        assertThat(List.of(
                        String.valueOf(chat(SYSTEM, HELLO)),
                        String.valueOf(chat(SYSTEM, other)),
                        String.valueOf(chat(HELLO)),
                        String.valueOf(chat(other)),
                        String.valueOf(chat(SYSTEM.replace("system", "developer"), HELLO))))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[{'type':'text','text':'a'},{'type':'text','text':'b','cache_control':{'type':'ephemeral'}}]"
                        + " | [{'type':'text','text':'a'},{'type':'text','text':'b'}]",
                "[{'cache_control':{'type':'ephemeral'},'type':'text','text':'a'}] | [{'type':'text','text':'a'}]",
            })
    void a_breakpoint_that_has_moved_on_does_not_count(String marked, String plain) {
        assertThat(chat("{'role':'user','content':" + marked + "}"))
                .isNotNull()
                .isEqualTo(chat("{'role':'user','content':" + plain + "}", ANSWER));
    }

    @Test
    void parts_that_differ_are_told_apart() {
        assertThat(chat("{'role':'user','content':[{'text':'ab'},{'text':'c'}]}"))
                .isNotEqualTo(chat("{'role':'user','content':[{'text':'a'},{'text':'bc'}]}"));
    }

    /** The header, else {@code session_id}, else {@code prompt_cache_key}, else how it begins. */
    @Test
    void an_id_that_the_client_names_wins_in_this_order() {
        String body = "{'messages':[" + HELLO + "],'prompt_cache_key':'c','session_id':'b'}";
        String named = session(ALICE, Api.CHAT, "{'messages':[]}", "a");

        assertThat(session(ALICE, Api.CHAT, body, "a")).isNotNull().isEqualTo(named);
        assertThat(session(ALICE, Api.CHAT, body)).isEqualTo(session(ALICE, Api.CHAT, "{'messages':[]}", "b"));
        assertThat(session(ALICE, Api.CHAT, body, " "))
                .isEqualTo(session(ALICE, Api.CHAT, "{'session_id':'b','messages':[]}"));
        assertThat(session(ALICE, Api.CHAT, "{'prompt_cache_key':'c','messages':[" + HELLO + "],'session_id':''}"))
                .isEqualTo(session(ALICE, Api.RESPONSES, "{'input':'x'}", "c"));
        assertThat(session(ALICE, Api.CHAT, body)).isNotEqualTo(named);
    }

    @Test
    void two_clients_share_nothing_whatever_they_say() {
        String body = "{'messages':[" + HELLO + "]}";

        assertThat(session(BOB, Api.CHAT, body)).isNotEqualTo(session(ALICE, Api.CHAT, body));
        assertThat(session(BOB, Api.CHAT, body, "same")).isNotEqualTo(session(ALICE, Api.CHAT, body, "same"));
    }

    @Test
    void each_api_has_its_own_beginning() {
        assertThat(session(ALICE, Api.MESSAGES, "{'system':'changing 1','messages':[" + HELLO + "]}"))
                .isNotNull()
                .isEqualTo(session(
                        ALICE, Api.MESSAGES, "{'system':'changing 2','messages':[" + HELLO + "," + ANSWER + "]}"));
        assertThat(session(ALICE, Api.RESPONSES, "{'input':[" + HELLO + "]}"))
                .isNotNull()
                .isEqualTo(session(ALICE, Api.RESPONSES, "{'input':[" + HELLO + "," + ANSWER + "]}"));
        assertThat(session(ALICE, Api.RESPONSES, "{'input':'hello'}"))
                .isNotNull()
                .isNotEqualTo(session(ALICE, Api.RESPONSES, "{'input':'good bye'}"));
        String prompt = "x".repeat(SessionFilter.PROMPT_BYTES);
        assertThat(session(ALICE, Api.COMPLETIONS, "{'prompt':'" + prompt + " and on'}"))
                .isNotNull()
                .isEqualTo(session(ALICE, Api.COMPLETIONS, "{'prompt':'" + prompt + " and on and on'}"))
                .isNotEqualTo(session(ALICE, Api.COMPLETIONS, "{'prompt':'y'}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'messages':[]}", "{'messages':null}", "{'model':'m'}"})
    void what_has_no_beginning_belongs_to_no_conversation(String body) {
        assertThat(session(ALICE, Api.CHAT, body)).isNull();
        assertThat(session(ALICE, Api.EMBEDDINGS, "{'input':'text'}")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'messages':['text']}", "{'messages':'text'}", "{'messages':[[{}]]}", "{'messages':[{}]}"})
    void odd_messages_are_the_upstreams_business(String body) {
        assertThat(session(ALICE, Api.CHAT, body)).isNotNull();
    }

    /** Of a message only the beginning is read, so 50 MB of images cost nothing. */
    @Test
    void of_a_huge_message_the_beginning_counts() {
        String begin = "x".repeat(SessionFilter.MESSAGE_BYTES);

        assertThat(chat("{'role':'user','content':[{'text':'" + begin + "'},{'text':'a'}]}"))
                .isEqualTo(chat("{'role':'user','content':[{'text':'" + begin + "'},{'text':'b'}]}"));
    }

    @Test
    void nothing_of_the_prompt_is_in_it() {
        assertThat(chat(HELLO)).matches("[0-9a-f]{32}");
    }

    @Test
    void nothing_is_done_where_it_is_off_or_no_key_is_chosen() {
        Client own = new Client("k_1", new Credential.Own(new Secret("sk-or-x")));
        String body = "{'messages':[" + HELLO + "]}";
        UpstreamRequest ofAlice = request(ALICE, Api.CHAT, body, "a");
        UpstreamRequest ofOwn = request(own, Api.CHAT, body, "a");

        assertThat(new SessionFilter(FilterOptions.DEFAULTS).apply(ofAlice)).isSameAs(ofAlice);
        assertThat(ON.apply(ofOwn)).isSameAs(ofOwn);
    }
}
