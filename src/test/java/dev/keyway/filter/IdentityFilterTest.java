package dev.keyway.filter;

import static dev.keyway.filter.FilterTesting.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Api;
import dev.keyway.exchange.Client;
import dev.keyway.exchange.Credential;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.filter.IdentityOptions.Field;
import dev.keyway.filter.IdentityOptions.Mode;
import dev.keyway.wire.JsonText;
import dev.keyway.wire.Secret;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class IdentityFilterTest {
    private static final Client POOLED = new Client(Client.LOCAL, new Credential.Pool());
    private static final Field SILENT = new Field(Mode.PASSTHROUGH, null, null);

    private enum Which {
        USER_AGENT("User-Agent"),
        REFERER("HTTP-Referer"),
        TITLE("X-OpenRouter-Title", "X-Title");

        private final String joined;

        Which(String... names) {
            this.joined = String.join(",", names);
        }

        private List<String> names() {
            return List.of(joined.split(",", -1));
        }

        private RequestFilter filter(Field field) {
            return new IdentityFilter(new IdentityOptions(
                    this == USER_AGENT ? field : SILENT,
                    this == REFERER ? field : SILENT,
                    this == TITLE ? field : SILENT));
        }
    }

    private static List<Header> headers(String... lines) {
        return Arrays.stream(lines)
                .map(line -> line.split(": ?", 2))
                .map(pair -> new Header(pair[0], pair[1]))
                .toList();
    }

    private static UpstreamRequest asked(Client client, List<Header> headers) {
        return request(client, Api.CHAT, headers, new RequestBody.Json(JsonText.parse("{\"model\":\"m\"}")));
    }

    private static List<Header> sent(RequestFilter filter, List<Header> headers) {
        return filter.apply(asked(POOLED, headers)).headers();
    }

    /** Mode, override and default value as configured; what the client sends; what OpenRouter gets; {@code -} is none. */
    private static Stream<Arguments> table() {
        String[] rows = {
            "PASSTHROUGH | - | - | -    | -",
            "PASSTHROUGH | - | - | mine | mine",
            "PASSTHROUGH | - | d | -    | d",
            "PASSTHROUGH | - | d | mine | mine",
            "PASSTHROUGH | o | d | -    | d",
            "PASSTHROUGH | o | d | mine | mine",
            "OVERRIDE    | o | d | -    | o",
            "OVERRIDE    | o | d | mine | o",
            "OVERRIDE    | o | - | mine | o",
            "OVERRIDE    | - | d | -    | d",
            "OVERRIDE    | - | d | mine | d",
            "OVERRIDE    | - | - | mine | -",
            "DEFAULT     | - | d | -    | d",
            "DEFAULT     | - | d | mine | d",
            "DEFAULT     | o | d | mine | d",
            "DEFAULT     | - | - | -    | -",
            "DEFAULT     | o | - | mine | -",
        };
        return Arrays.stream(Which.values())
                .flatMap(which -> Arrays.stream(rows)
                        .map(row -> row.split(" *\\| *", -1))
                        .map(cells -> Arguments.of(
                                which,
                                new Field(Mode.valueOf(cells[0]), orNull(cells[1]), orNull(cells[2])),
                                cells[3],
                                cells[4])));
    }

    private static @Nullable String orNull(String cell) {
        return cell.equals("-") ? null : cell;
    }

    @ParameterizedTest(name = "{0} {1}: {2} -> {3}")
    @MethodSource("table")
    void each_header_is_the_clients_ours_or_none(Which which, Field field, String client, String upstream) {
        RequestFilter filter = which.filter(field);

        for (String name : which.names()) {
            List<Header> came = client.equals("-")
                    ? headers("Accept: a", "Accept: b")
                    : headers("Accept: a", name + ": " + client, "Accept: b");
            UpstreamRequest before = asked(POOLED, came);

            UpstreamRequest after = filter.apply(before);

            if (upstream.equals(client)) {
                assertThat(after).describedAs("nothing changes").isSameAs(before);
            } else if (upstream.equals("-")) {
                assertThat(after.headers()).isEqualTo(headers("Accept: a", "Accept: b"));
            } else {
                String[] ours =
                        which.names().stream().map(own -> own + ": " + upstream).toArray(String[]::new);
                assertThat(after.headers())
                        .startsWith(headers("Accept: a", "Accept: b").toArray(Header[]::new))
                        .endsWith(headers(ours).toArray(Header[]::new))
                        .hasSize(2 + ours.length);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"X-Title,X-OpenRouter-Title", "x-openrouter-title,X-TITLE"})
    void titles_of_a_client_under_both_names_pass_or_go_together(String one, String other) {
        List<Header> both = headers(one + ": a", other + ": b");

        assertThat(sent(Which.TITLE.filter(Field.clientsElse("d")), both)).isEqualTo(both);
        assertThat(sent(Which.TITLE.filter(new Field(Mode.OVERRIDE, "o", "d")), both))
                .isEqualTo(headers("X-OpenRouter-Title: o", "X-Title: o"));
    }

    @Test
    void a_header_without_a_value_counts_as_not_sent() {
        List<Header> blank = headers("X-Title: ");

        assertThat(sent(Which.TITLE.filter(Field.clientsElse("d")), blank))
                .isEqualTo(headers("X-OpenRouter-Title: d", "X-Title: d"));
    }

    @Test
    void what_has_no_value_of_ours_either_is_not_looked_after() {
        UpstreamRequest before = asked(POOLED, headers("Accept: a"));

        assertThat(Which.REFERER.filter(SILENT).apply(before)).isSameAs(before);
    }

    @Test
    void callers_with_their_own_key_or_none_keep_their_headers() {
        Field ours = new Field(Mode.OVERRIDE, "o", "d");
        RequestFilter filter = new IdentityFilter(new IdentityOptions(ours, ours, ours));
        for (Credential credential : List.of(new Credential.Own(new Secret("sk-or-v1-mine")), new Credential.None())) {
            Client client = new Client("k_1", credential);
            UpstreamRequest silent = asked(client, headers("Accept: a"));
            UpstreamRequest named = asked(client, headers("User-Agent: mine", "X-Title: mine"));

            assertThat(filter.apply(silent)).isSameAs(silent);
            assertThat(filter.apply(named)).isSameAs(named);
        }
    }

    @Test
    void without_configuration_a_client_that_says_nothing_is_keyway_without_an_address() {
        RequestFilter filter = new IdentityFilter(IdentityOptions.DEFAULTS);

        assertThat(sent(filter, headers()))
                .isEqualTo(headers("User-Agent: Keyway", "X-OpenRouter-Title: Keyway", "X-Title: Keyway"));
    }

    @Test
    void body_model_and_session_stay() {
        UpstreamRequest before = asked(POOLED, headers()).withSession("s");

        UpstreamRequest after = new IdentityFilter(IdentityOptions.DEFAULTS).apply(before);

        assertThat(after).isEqualTo(before.withHeaders(after.headers()));
    }
}
