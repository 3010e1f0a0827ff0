package dev.keyway.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.testing.Canaries;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Compares what the client got, to the last byte of its framing, with what the table says and the upstream sent. */
final class AnswerCheck {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FaultCell cell;
    private final Answer answer;
    private final Canaries keys = new Canaries();
    private final byte[] sent;
    private final String sentSha256;

    /** @param attempts what the upstream saw; the last one's answer is what the client must have got */
    AnswerCheck(FaultCell cell, Answer answer, List<Attempt> attempts) {
        this.cell = cell;
        this.answer = answer;
        Attempt last = attempts.isEmpty() ? new Attempt("", new byte[0], 0, "") : attempts.get(attempts.size() - 1);
        attempts.forEach(attempt -> keys.plant("key", attempt.key().substring("sk-or-v1-".length())));
        this.sent = last.answer();
        this.sentSha256 = last.sha256();
    }

    void check() throws Exception {
        assertThat(answer.status()).describedAs("%s", shortened()).isEqualTo(cell.status());
        if (!cell.retry().equals("any")) {
            assertThat(answer.header("x-should-retry"))
                    .describedAs("x-should-retry")
                    .isEqualTo(cell.retry());
        }
        assertThat(answer.all("Transfer-Encoding").size()
                        + answer.all("Content-Length").size())
                .describedAs("one framing: %s", answer.headers())
                .isEqualTo(1);
        headIsClean();
        switch (cell.ending()) {
            case "clean", "relayed" -> {
                assertThat(answer.whole()).describedAs("%s", shortened()).isTrue();
                assertThat(sha256(answer.body())).describedAs("%s", shortened()).isEqualTo(sentSha256);
            }
            case "masked" -> masked();
            case "unwrapped" -> unwrapped();
            case "error" -> ownError();
            case "event" -> errorEvent();
            case "torn" -> {
                assertThat(answer.whole()).describedAs("%s", shortened()).isFalse();
                assertThat(text(sent)).startsWith(answer.text());
            }
            default -> throw new IllegalArgumentException("no such ending: " + cell.ending());
        }
    }

    /** One Server of ours, nothing that is only between the upstream and us, and no key, in whatever coding. */
    private void headIsClean() {
        assertThat(answer.all("Server")).containsExactly("Keyway");
        assertThat(answer.all("Date")).hasSize(1);
        assertThat(answer.all("X-Request-ID")).hasSize(1);
        for (String name : List.of("Set-Cookie", "Alt-Svc", "Strict-Transport-Security", "X-Hop")) {
            assertThat(answer.all(name)).describedAs(name).isEmpty();
        }
        boolean ours = List.of("error", "event", "masked").contains(cell.ending());
        assertThat(keys.foundIn(answer.headers() + (ours ? answer.text() : ""))).isEmpty();
    }

    /** What the upstream sent, of the same length, but for the key. */
    private void masked() {
        assertThat(answer.whole()).isTrue();
        assertThat(answer.body()).hasSameSizeAs(sent);
        assertThat(text(sent))
                .matches(answer.text().replaceAll("[^*A-Za-z0-9]", ".").replaceAll("\\*+", ".*"));
    }

    /** An error that the upstream told inside a 200, with its own status and nothing around it. */
    private void unwrapped() throws IOException {
        assertThat(answer.whole()).isTrue();
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        assertThat(JSON.readTree(answer.body()).path("error").isObject()).isTrue();
        assertThat(text(sent)).contains(answer.text());
    }

    private void ownError() throws IOException {
        assertThat(answer.whole()).describedAs("%s", shortened()).isTrue();
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        JsonNode error = JSON.readTree(answer.body()).path("error");
        assertThat(error.path("code").asInt()).isEqualTo(cell.status());
        assertThat(error.path("type").asText()).isEqualTo(cell.type());
        assertThat(error.path("request_id").asText()).isEqualTo(answer.header("X-Request-ID"));
        assertThat(error.path("message").asText()).isNotBlank();
    }

    /** Whole lines of what was sent, an open event closed, then one error event in the words of the API. */
    private void errorEvent() throws IOException {
        assertThat(answer.whole()).describedAs("%s", shortened()).isTrue();
        String name = cell.api().equals("messages") ? "event: error\n" : "";
        int at = answer.text().lastIndexOf(name + "data: ");
        assertThat(at).describedAs("an error event in %s", shortened()).isNotNegative();
        assertRelayed(answer.text().substring(0, at));
        String event = answer.text().substring(at + name.length() + "data: ".length());
        assertThat(event).endsWith("\n\n").doesNotContain("[DONE]");
        assertErrorEvent(JSON.readTree(event));
    }

    private void assertRelayed(String before) {
        String all = text(sent);
        String lines = all.substring(0, Math.max(all.lastIndexOf('\n'), all.lastIndexOf('\r')) + 1);
        if (cell.api().equals("messages")) {
            // What is sieved goes out event by event, so none is ever left open.
            lines = all.substring(0, all.lastIndexOf("\n\n") + 2);
        }
        String closed = lines.isEmpty() || lines.endsWith("\n\n") ? lines : lines + "\n";
        if (cell.madeBy().contains("reset") || cell.fault().contains("endless")) {
            // A reset takes what was not read yet along, and what never ends is ahead of its reader.
            assertThat(lines.startsWith(before) || lines.startsWith(before.substring(0, before.length() - 1)))
                    .describedAs("only what was sent: %s", shortened())
                    .isTrue();
        } else {
            assertThat(before).isEqualTo(closed);
        }
    }

    private void assertErrorEvent(JsonNode event) {
        switch (cell.api()) {
            case "messages" -> {
                assertThat(event.path("type").asText()).isEqualTo("error");
                assertThat(event.at("/error/type").asText())
                        .isEqualTo(cell.type().equals("504") ? "timeout_error" : "api_error");
            }
            case "responses" -> {
                assertThat(event.path("type").asText()).isEqualTo("error");
                assertThat(event.path("code").asText()).isEqualTo("server_error");
                assertThat(event.path("sequence_number").isInt()).isTrue();
            }
            default -> {
                assertThat(event.at("/error/code").asText()).isEqualTo(cell.type());
                assertThat(event.at("/choices/0/finish_reason").asText()).isEqualTo("error");
            }
        }
    }

    private String shortened() {
        String all = answer.toString();
        return all.length() < 4000 ? all : all.substring(0, 2000) + " … " + all.substring(all.length() - 1000);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
