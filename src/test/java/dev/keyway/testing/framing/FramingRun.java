package dev.keyway.testing.framing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.container.WireClient;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sends a case and a plain request behind it, the marker, on one connection, and holds what came of it, on both sides of
 * the gateway, against what the case allows.
 */
public final class FramingRun {
    private static final String JSON =
            "{\"model\":\"openai/gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
    /** How long nothing comes where more of the body is waited for. */
    private static final int SILENT_MILLIS = 1_000;

    /** The same behind a proxy, which waits as well. */
    private static final int LINGERING_MILLIS = 3_000;

    private static final int END_MILLIS = 20_000;
    private static final String MARKER = "/v1/credits?marker=1";
    private static final String SMUGGLED = "/v1/smuggled";

    private final RecordingUpstream upstream;
    private final int port;
    private final Map<String, String> names;

    /**
     * @param upstream the gateway's; it has to relay JSON bodies unchanged
     * @param port the gateway's
     * @param contextPath empty for the root
     * @param accessKey one that may call
     */
    public FramingRun(RecordingUpstream upstream, int port, String contextPath, String accessKey) {
        this.upstream = upstream;
        this.port = port;
        this.names = names("127.0.0.1:" + port, contextPath, accessKey);
    }

    /** All that was seen of one case. */
    public record Result(List<Answer> answers, List<RecordingUpstream.Seen> requests, List<String> violations) {
        /** 0 when there was no answer. */
        public int status() {
            return answers.isEmpty() ? 0 : answers.get(0).status();
        }
    }

    private static Map<String, String> names(String authority, String context, String accessKey) {
        String host = "Host: " + authority + "\\r\\n";
        String key = "Authorization: Bearer " + accessKey + "\\r\\n";
        String smuggled = "GET " + context + SMUGGLED + " HTTP/1.1\\r\\n" + host + key + "\\r\\n";
        int smuggledLength = FramingCase.bytes(smuggled, Map.of()).length;
        Map<String, String> names = new LinkedHashMap<>();
        names.put("chat", line("POST", context, "chat/completions") + host + key + type("application/json"));
        names.put("upload", line("POST", context, "audio/transcriptions") + host + key + type("text/plain"));
        names.put("get", line("GET", context, "credits") + host + key);
        names.put(
                "marker", "GET " + context + MARKER + " HTTP/1.1\\r\\n" + host + key + "Connection: close\\r\\n\\r\\n");
        names.put("smuggled", smuggled);
        names.put("smuggled-length", Integer.toString(smuggledLength));
        names.put("smuggled-hex", Integer.toHexString(smuggledLength));
        names.put("json", JSON);
        names.put("length", Integer.toString(JSON.length()));
        names.put("hex", Integer.toHexString(JSON.length()));
        names.put("context", context);
        names.put("authority", authority);
        names.put("host", host);
        names.put("key", key);
        return names;
    }

    private static String line(String method, String context, String route) {
        return method + " " + context + "/v1/" + route + " HTTP/1.1\\r\\n";
    }

    private static String type(String contentType) {
        return "Content-Type: " + contentType + "\\r\\n";
    }

    private byte[] bytes(String raw) {
        String lines = raw.replaceAll("\\{line-1\\.0 (\\w+) ([^}\\s]+)}", "$1 {context}$2 HTTP/1.0\\\\r\\\\n")
                .replaceAll("\\{line (\\w+) ([^}\\s]+)}", "$1 {context}$2 HTTP/1.1\\\\r\\\\n");
        return FramingCase.bytes(lines, names);
    }

    private String text(String raw) {
        return new String(bytes(raw), StandardCharsets.ISO_8859_1);
    }

    /** Sends it and checks what is allowed of it. */
    public Result run(FramingCase tried, List<FramingCase.Outcome> allowed) throws IOException {
        boolean maySwallow = allowed.stream().anyMatch(outcome -> outcome.answer() == FramingCase.Outcome.SILENCE);
        Result result = result(tried, maySwallow, false);
        String told = tried.name() + ": " + result;
        assertThat(result.requests())
                .describedAs(told)
                .noneMatch(seen -> seen.start().contains(SMUGGLED + " "))
                .noneMatch(seen -> seen.headers().toString().contains("planted"));
        assertThat(result.answers())
                .describedAs(told)
                .hasSizeLessThanOrEqualTo(2)
                .noneMatch(answer -> answer.status() == 500 || answer.status() == 502 || answer.status() == 503);
        List<String> seen = new ArrayList<>(
                result.requests().stream().map(FramingRun::shown).toList());
        boolean marked = seen.remove("GET /api" + MARKER);
        assertThat(allowed.stream()
                        .filter(outcome -> Math.max(0, outcome.answer()) == result.status())
                        .map(outcome -> outcome.request().isEmpty() ? List.of() : List.of(text(outcome.request()))))
                .describedAs(told)
                .contains(seen);
        if (tried.then() != FramingCase.Then.EITHER) {
            assertThat(marked).describedAs(told).isEqualTo(tried.then() == FramingCase.Then.MARKER);
        }
        return result;
    }

    /**
     * Sends it through a proxy in front of the gateway and checks that the two read it alike: the upstream sees plain
     * requests, and each of them is one whose answer the client gets. The answer to one that only the gateway saw would
     * be left over, for whoever uses the proxy's connection next.
     */
    public Result through(FramingCase tried) throws IOException {
        Result result = result(tried, true, true);
        assertThat(result.requests())
                .describedAs(tried.name() + ": " + result)
                .hasSizeLessThanOrEqualTo(result.answers().size());
        return result;
    }

    private Result result(FramingCase tried, boolean maySwallow, boolean mayLinger) throws IOException {
        upstream.clear();
        List<Answer> answers = exchange(tried, maySwallow, mayLinger);
        Result result = new Result(answers, upstream.requests(), upstream.violations());
        String told = tried.name() + ": " + result;
        assertThat(result.violations()).describedAs(told).isEmpty();
        assertThat(result.answers())
                .describedAs(told)
                .noneMatch(answer ->
                        answer.text().contains("\tat ") || answer.text().contains("Exception"));
        return result;
    }

    /** Method, target and body. */
    private static String shown(RecordingUpstream.Seen seen) {
        String start = seen.start().substring(0, seen.start().lastIndexOf(' '));
        return seen.body().isEmpty() ? start : start + " " + seen.body();
    }

    /**
     * @param maySwallow whether nothing at all may come
     * @param mayLinger whether a connection may stay open behind an answer
     */
    private List<Answer> exchange(FramingCase tried, boolean maySwallow, boolean mayLinger) throws IOException {
        List<Answer> answers = new ArrayList<>();
        try (WireClient client = WireClient.to(port)) {
            client.socket().setSoTimeout(mayLinger ? LINGERING_MILLIS : maySwallow ? SILENT_MILLIS : END_MILLIS);
            ByteArrayOutputStream both = new ByteArrayOutputStream();
            both.writeBytes(bytes(tried.raw()));
            both.writeBytes(bytes("{marker}"));
            client.send(both.toByteArray());
            while (true) {
                try {
                    readAnswer(client, answers);
                } catch (SocketTimeoutException e) {
                    if (!mayLinger || upstream.requests().size() <= answers.size()) {
                        throw e;
                    }
                    // On a busy machine an answer may be late; one that nobody gets never comes.
                    client.socket().setSoTimeout(END_MILLIS);
                    readAnswer(client, answers);
                }
            }
        } catch (SocketTimeoutException e) {
            if (maySwallow && (mayLinger || answers.isEmpty())) {
                return answers;
            }
            throw new AssertionError(tried.name() + ": neither answer nor end after " + answers, e);
        } catch (IOException ended) {
            return answers;
        }
    }

    private static void readAnswer(WireClient client, List<Answer> answers) throws IOException {
        Answer head = client.head();
        if (head.status() >= 200) {
            answers.add(head.status() == 204 ? head : client.bodyOf(head));
        }
    }
}
