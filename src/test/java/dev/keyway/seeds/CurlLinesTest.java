package dev.keyway.seeds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CurlLinesTest {
    @Test
    void lines_are_the_requests_that_curl_makes() {
        assertThat(CurlLines.all("""
                # The first
                curl -X PUT http://localhost:1/a \\
                  -H "Content-Type: application/json" -H 'X-Quoted: it is "so"' \\
                  -N -d '{
                    "a": "# no comment"
                  }'

                curl "http://localhost:1/b?c=d&e=f" # the second
                curl http://localhost:1/form -d a=b"""))
                .containsExactly(
                        new HttpCall(
                                "PUT",
                                URI.create("http://localhost:1/a"),
                                List.of(
                                        "User-Agent: curl/8.14.1",
                                        "Accept: */*",
                                        "Content-Type: application/json",
                                        "X-Quoted: it is \"so\""),
                                "{\n    \"a\": \"# no comment\"\n  }"),
                        new HttpCall(
                                "GET",
                                URI.create("http://localhost:1/b?c=d&e=f"),
                                List.of("User-Agent: curl/8.14.1", "Accept: */*"),
                                ""),
                        new HttpCall(
                                "POST",
                                URI.create("http://localhost:1/form"),
                                List.of(
                                        "User-Agent: curl/8.14.1",
                                        "Accept: */*",
                                        "Content-Type: application/x-www-form-urlencoded"),
                                "a=b"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "wget http://localhost:1/",
                "curl -s http://localhost:1/",
                "curl --data a http://localhost:1/",
                "curl http://localhost:1/ http://localhost:2/",
                "curl -X POST",
                "curl http://localhost:1/?a=b&c=d",
                "curl http://localhost:1/ -H \"Authorization: Bearer $KEY\"",
                "curl http://localhost:1/ | jq"
            })
    void what_the_reader_does_not_know_is_refused(String line) {
        assertThatThrownBy(() -> CurlLines.one(line)).isInstanceOf(IllegalArgumentException.class);
    }
}
