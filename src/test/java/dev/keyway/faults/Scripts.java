package dev.keyway.faults;

import dev.keyway.faults.Turn.Death;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What a {@link RawUpstream} can do to a request, by name. */
final class Scripts {
    /** So much of a request's body is read where it is not read to its end. */
    private static final long SOME = 64 * 1024;

    private static final long FROZEN_MILLIS = 10_000;
    private static final String JSON = "application/json";
    private static final String SSE = "text/event-stream";

    private static final Map<String, Script> ALL = Map.ofEntries(
            Map.entry("good", good()),
            Map.entry("no-continue", Scripts::withoutContinue),
            Map.entry("reset-in-body", Scripts::resetInBody),
            Map.entry("never-reads", (turn, upstream) -> turn.freeze(FROZEN_MILLIS)),
            Map.entry("early-413", (turn, upstream) -> early(turn, "413 Content Too Large", 413)),
            Map.entry("early-401", Scripts::earlyUnauthorized),
            Map.entry("fin", (turn, upstream) -> afterBody(turn).die(Death.FIN)),
            Map.entry("rst", (turn, upstream) -> afterBody(turn).die(Death.RST)),
            Map.entry("stale-fin", (turn, upstream) -> stale(turn, upstream, Death.FIN)),
            Map.entry("stale-rst", (turn, upstream) -> stale(turn, upstream, Death.RST)),
            Map.entry("silence", (turn, upstream) -> afterBody(turn).hold()),
            Map.entry("garbage", Scripts::garbage),
            Map.entry("two-lengths", Scripts::twoLengths),
            Map.entry("length-and-chunks", Scripts::lengthAndChunks),
            Map.entry("once-401", once("401 Unauthorized", 401, "User not found.", "")),
            Map.entry("once-429-seconds", limitedOnce("Retry-After: 120")),
            Map.entry("once-429-date", Scripts::limitedUntilADate),
            Map.entry("once-429-minus", limitedOnce("Retry-After: -1")),
            Map.entry("once-429-huge", limitedOnce("Retry-After: 1000000000000")),
            Map.entry("once-429-word", limitedOnce("Retry-After: soon")),
            Map.entry("once-429-two", limitedOnce("Retry-After: 120\r\nRetry-After: 240")),
            Map.entry("once-429-in-200", Scripts::limitedInsideA200),
            Map.entry("permanent-redirect", Scripts::permanentRedirect),
            Map.entry("short-stream", Scripts::shortStream),
            Map.entry("short-without-length", Scripts::shortWithoutLength),
            Map.entry("padding-then-nothing", Scripts::paddingThenNothing),
            Map.entry("no-finish", Scripts::noFinish),
            Map.entry("mixed-lines", Scripts::mixedLines),
            Map.entry("bad-chunk", Scripts::badChunk),
            Map.entry("bad-trailer", Scripts::badTrailer),
            Map.entry("half-close", Scripts::halfClose),
            Map.entry("close-delimited", Scripts::closeDelimited));

    private Scripts() {}

    /** Answers one request. */
    interface Script {
        void play(Turn turn, RawUpstream upstream) throws IOException;
    }

    /** @throws IllegalArgumentException when there is no such script */
    static Script byName(String name) {
        return Objects.requireNonNull(ALL.get(name), () -> "no script " + name);
    }

    static boolean exists(String name) {
        return ALL.containsKey(name);
    }

    /** Whether the request must be longer than what two sockets take in unread. */
    static boolean wantsBigBody(String name) {
        return name.equals("reset-in-body") || name.equals("never-reads") || name.startsWith("early-");
    }

    // ---- what is right

    static Script good() {
        return (turn, upstream) -> {
            turn.takeBody();
            answer(turn);
        };
    }

    private static void answer(Turn turn) throws IOException {
        if (turn.asksForStream()) {
            turn.chunked(SSE).chunk(": OPENROUTER PROCESSING\n\n").chunk(piece(turn, "one"));
            turn.chunk(piece(turn, "two")).chunk(ending(turn)).lastChunk();
        } else {
            turn.whole("200 OK\r\nContent-Type: " + JSON, wholeJson(turn));
        }
    }

    private static String wholeJson(Turn turn) {
        return "{\"id\":\"gen-" + turn.cell() + "\",\"object\":\"chat.completion\",\"created\":1700000000,"
                + "\"model\":\"raw/one\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                + turn.cell() + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,"
                + "\"completion_tokens\":2,\"total_tokens\":3,\"cost\":0.001}}";
    }

    private static String piece(Turn turn, String text) {
        return "data: " + chunkJson(turn, text, "null") + "\n\n";
    }

    private static String chunkJson(Turn turn, String text, String finish) {
        return "{\"id\":\"gen-" + turn.cell() + "\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
                + "\"model\":\"raw/one\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text
                + "\"},\"finish_reason\":" + finish + "}]}";
    }

    private static String ending(Turn turn) {
        return "data: " + chunkJson(turn, "", "\"stop\"") + "\n\ndata: [DONE]\n\n";
    }

    private static String error(int code, String message, String metadata) {
        return "{\"error\":{\"code\":" + code + ",\"message\":\"" + message + "\"" + metadata + "}}";
    }

    private static Turn afterBody(Turn turn) throws IOException {
        turn.takeBody();
        return turn;
    }

    // ---- while the request is sent

    private static void withoutContinue(Turn turn, RawUpstream upstream) throws IOException {
        if (!turn.header("Expect").isEmpty()) {
            turn.hold();
            return;
        }
        turn.takeBody();
        answer(turn);
    }

    private static void resetInBody(Turn turn, RawUpstream upstream) throws IOException {
        turn.takeBody(SOME);
        turn.die(Death.RST);
    }

    private static void early(Turn turn, String status, int code) throws IOException {
        turn.takeBody(SOME);
        turn.whole(status + "\r\nContent-Type: " + JSON + "\r\nConnection: close", error(code, "Too early", ""));
        // The rest is left unread, as an upstream does that is about to close.
        turn.freeze(FROZEN_MILLIS);
    }

    private static void earlyUnauthorized(Turn turn, RawUpstream upstream) throws IOException {
        if (upstream.before(turn) == 0) {
            early(turn, "401 Unauthorized", 401);
        } else {
            good().play(turn, upstream);
        }
    }

    private static void stale(Turn turn, RawUpstream upstream, Death death) throws IOException {
        turn.takeBody();
        if (turn.cell().startsWith("warm-")) {
            upstream.nextReuseDies(death);
        }
        answer(turn);
    }

    // ---- heads

    private static void garbage(Turn turn, RawUpstream upstream) throws IOException {
        afterBody(turn).raw("ICY 200 OK\r\n\r\n").die(Death.FIN);
    }

    private static void twoLengths(Turn turn, RawUpstream upstream) throws IOException {
        String body = wholeJson(turn);
        afterBody(turn).whole("200 OK\r\nContent-Type: " + JSON + "\r\nContent-Length: 10", body);
    }

    private static void lengthAndChunks(Turn turn, RawUpstream upstream) throws IOException {
        afterBody(turn)
                .raw("HTTP/1.1 200 OK\r\nContent-Type: " + JSON
                        + "\r\nContent-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n")
                .chunk(wholeJson(turn))
                .lastChunk();
    }

    // ---- refusals of the key that asks first

    private static Script once(String status, int code, String message, String headerLines) {
        return (turn, upstream) -> {
            turn.takeBody();
            if (upstream.before(turn) > 0) {
                answer(turn);
                return;
            }
            String lines = headerLines.isEmpty() ? "" : "\r\n" + headerLines;
            turn.whole(
                    status + "\r\nContent-Type: " + JSON + lines,
                    error(code, message, ",\"metadata\":{\"provider_name\":null}"));
        };
    }

    private static Script limitedOnce(String headerLines) {
        return once("429 Too Many Requests", 429, "Rate limit exceeded", headerLines);
    }

    private static void limitedUntilADate(Turn turn, RawUpstream upstream) throws IOException {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME
                .withLocale(Locale.ROOT)
                .format(ZonedDateTime.now(ZoneOffset.UTC).plusMinutes(10));
        limitedOnce("Retry-After: " + date).play(turn, upstream);
    }

    private static void limitedInsideA200(Turn turn, RawUpstream upstream) throws IOException {
        turn.takeBody();
        if (upstream.before(turn) > 0) {
            answer(turn);
            return;
        }
        String limit = error(429, "Rate limit exceeded", ",\"metadata\":{\"provider_name\":null}");
        if (turn.asksForStream()) {
            turn.chunked(SSE).chunk("data: " + limit + "\n\n").lastChunk();
        } else {
            turn.whole("200 OK\r\nContent-Type: " + JSON, limit);
        }
    }

    private static void permanentRedirect(Turn turn, RawUpstream upstream) throws IOException {
        afterBody(turn).whole("308 Permanent Redirect\r\nLocation: http://127.0.0.1:9/elsewhere", "");
    }

    // ---- bodies

    private static void shortStream(Turn turn, RawUpstream upstream) throws IOException {
        afterBody(turn).raw("HTTP/1.1 200 OK\r\nContent-Type: " + SSE + "\r\nContent-Length: 5000\r\n\r\n");
        turn.body(piece(turn, "one")).body(piece(turn, "two")).die(Death.FIN);
    }

    private static void shortWithoutLength(Turn turn, RawUpstream upstream) throws IOException {
        String json = wholeJson(turn);
        afterBody(turn).raw("HTTP/1.1 200 OK\r\nContent-Type: " + JSON + "\r\nConnection: close\r\n\r\n");
        turn.body(json.substring(0, json.length() / 2)).die(Death.FIN);
    }

    private static void paddingThenNothing(Turn turn, RawUpstream upstream) throws IOException {
        turn.takeBody();
        turn.chunked(turn.asksForStream() ? SSE : JSON);
        for (int i = 0; i < 3; i++) {
            turn.chunk(turn.asksForStream() ? ": OPENROUTER PROCESSING\n\n" : "\n         \n");
        }
        turn.lastChunk();
    }

    private static void noFinish(Turn turn, RawUpstream upstream) throws IOException {
        afterBody(turn).chunked(SSE).chunk(piece(turn, "one")).lastChunk();
    }

    /** All three line ends, one split from its line feed, behind a byte order mark. */
    private static void mixedLines(Turn turn, RawUpstream upstream) throws IOException {
        afterBody(turn).chunked(SSE).chunk("\uFEFF" + piece(turn, "one").replace("\n", "\r\n"));
        turn.chunk(piece(turn, "two").replace("\n", "\r"));
        turn.chunk("data: " + chunkJson(turn, "three", "null") + "\r")
                .chunk("\n\r")
                .chunk("\n");
        turn.chunk(ending(turn)).lastChunk();
    }

    private static void badChunk(Turn turn, RawUpstream upstream) throws IOException {
        afterBody(turn).chunked(turn.asksForStream() ? SSE : JSON);
        turn.chunk(turn.asksForStream() ? piece(turn, "one") : wholeJson(turn).substring(0, 60));
        turn.raw("zz\r\nno chunk\r\n").hold();
    }

    private static void badTrailer(Turn turn, RawUpstream upstream) throws IOException {
        afterBody(turn).chunked(turn.asksForStream() ? SSE : JSON);
        turn.chunk(turn.asksForStream() ? piece(turn, "one") + ending(turn) : wholeJson(turn));
        turn.raw("0\r\nno trailer at all\u0000\r\n: \r\n\r\n").hold();
    }

    private static void halfClose(Turn turn, RawUpstream upstream) throws IOException {
        afterBody(turn).chunked(turn.asksForStream() ? SSE : JSON);
        turn.chunk(turn.asksForStream() ? piece(turn, "one") : wholeJson(turn).substring(0, 60));
        turn.halfClose();
    }

    /** An answer whose end is the connection's, as in HTTP/1.0. */
    private static void closeDelimited(Turn turn, RawUpstream upstream) throws IOException {
        boolean stream = turn.asksForStream();
        afterBody(turn)
                .raw("HTTP/1.1 200 OK\r\nContent-Type: " + (stream ? SSE : JSON) + "\r\nConnection: close\r\n\r\n");
        turn.body((stream ? piece(turn, "one") + ending(turn) : wholeJson(turn)).getBytes(StandardCharsets.UTF_8));
        turn.halfClose();
    }
}
