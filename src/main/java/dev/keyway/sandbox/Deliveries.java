package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts one generation on the wire, whole or as a stream, with all that its plan has go wrong. For one request. */
final class Deliveries {
    static final String DONE = "data: [DONE]\n\n";
    static final List<String> CORS = List.of(
            "Access-Control-Allow-Origin: *",
            "Access-Control-Expose-Headers: X-Generation-Id,X-Provider-Name,request-id,cf-ray");
    private static final String COMMENT = ": OPENROUTER PROCESSING\n\n";
    private static final String PADDING = "\n         \n";
    private static final String HOLE = "\u0001standin\u0001";
    /** A reset makes the client forget what it has not read yet. */
    private static final Duration BEFORE_RESET = Duration.ofMillis(50);

    private final Call call;
    private final Dialect dialect;
    private final Generation generation;
    private final Plan plan;
    private final AnswerWriter answer;
    private final @Nullable Gzip gzip;
    private long events;
    private long tokens;
    private boolean free;

    Deliveries(Call call, Dialect dialect, Generation generation, Plan plan) throws IOException {
        this.call = call;
        this.dialect = dialect;
        this.generation = generation;
        this.plan = plan;
        this.answer = call.answer();
        this.gzip = plan.gzip ? new Gzip(plan.gzipBroken) : null;
    }

    /** Tokens of the answer that were sent. */
    long tokens() {
        return tokens;
    }

    /** The answer ended in an error, which costs nothing. */
    boolean free() {
        return free;
    }

    /** The connection was broken off before the head, with the whole answer already made. */
    boolean vanished() {
        return plan.vanish != Plan.Stop.NONE;
    }

    /** Sends the answer. @throws IOException when the client leaves */
    void send(boolean stream) throws IOException {
        call.line().pause(plan.beforeHead);
        if (plan.vanish != Plan.Stop.NONE) {
            breakOff(plan.vanish);
            return;
        }
        for (int i = 0; i < plan.interim; i++) {
            answer.interim(103, List.of("Link: </style.css>; rel=preload"));
        }
        answer.split(plan.split);
        answer.drip(plan.drip, call.line());
        if (plan.errorBody || (plan.leak && plan.firstError > 0)) {
            free = true;
            answer.whole(plan.leak ? plan.firstError : 200, headers("application/json"), errorBody());
        } else if (stream) {
            stream();
        } else {
            whole();
        }
        if (plan.closeAfter && answer.over()) {
            answer.cut();
        }
    }

    private void stream() throws IOException {
        answer.head(200, headers("text/event-stream"));
        if (gzip != null && plan.blanks > 0) {
            gzip.blanks(plan.blanks, ":", "\n\n");
        }
        emit(COMMENT);
        for (int i = 0; i < plan.padding; i++) {
            call.line().pause(plan.paddingGap);
            emit(COMMENT);
        }
        call.line().pause(plan.beforeToken);
        if (plan.firstError > 0 || plan.afterPadding == Plan.AfterPadding.ERROR) {
            free = true;
            String name = dialect instanceof MessagesDialect ? "event: error\n" : "";
            emit(name + "data: " + new String(errorBody(), StandardCharsets.UTF_8) + "\n\n");
        } else if (plan.afterPadding == Plan.AfterPadding.CLOSE) {
            answer.cut();
        } else {
            events();
        }
        end();
    }

    private void events() throws IOException {
        for (String event : dialect.opening(generation)) {
            event(event);
            tokens = Math.min(events, generation.reasoning().size());
        }
        for (long i = 0; i < generation.pieces() && !answer.over(); i++) {
            if (i == 1) {
                emit(plan.brokenJson ? "data: {\"id\":\"" + generation.id() + "\",\"choices\":[{\n\n" : COMMENT);
            }
            event(dialect.delta(generation, i));
            tokens++;
        }
        if (generation.pieces() < 2 && !answer.over()) {
            emit(COMMENT);
        }
        for (String event : dialect.closing(generation)) {
            if (!(plan.noDone && event.endsWith(DONE))) {
                for (String sent : plan.usage.events(event)) {
                    event(sent);
                }
            }
        }
        if (plan.afterDone) {
            event(dialect.delta(generation, 0));
        }
    }

    private void event(String event) throws IOException {
        if (answer.over()) {
            return;
        }
        if (plan.stop != Plan.Stop.NONE && events == plan.stopAfter) {
            stopAt(event);
            return;
        }
        if (events > 0) {
            call.line().pause(plan.gap);
        }
        emit(event);
        events++;
    }

    private void stopAt(String event) throws IOException {
        switch (plan.stop) {
            case ERROR -> fail(IntNode.valueOf(502));
            case ERROR_TEXT -> fail(TextNode.valueOf("server_error"));
            case ERROR_DONE -> {
                String failure = dialect.failure(generation, IntNode.valueOf(502), failureText(), events);
                emit(failure);
                for (String last : dialect.closing(generation)) {
                    emit(last);
                }
                free = true;
                end();
            }
            default -> {
                byte[] bytes = wire(event);
                emitPart(bytes, plan.stopBytes == Plan.HALF ? bytes.length / 2 : plan.stopBytes);
                breakOff(plan.stop);
            }
        }
    }

    private void fail(JsonNode code) throws IOException {
        emit(dialect.failure(generation, code, failureText(), events));
        free = true;
        end();
    }

    private static String failureText() {
        return "Upstream connection dropped";
    }

    private void breakOff(Plan.Stop how) throws IOException {
        switch (how) {
            case STALL -> call.line().hold();
            case RESET -> {
                call.line().pause(BEFORE_RESET);
                answer.reset();
            }
            default -> answer.cut();
        }
    }

    private void emitPart(byte[] bytes, int length) throws IOException {
        byte[] part = new byte[Math.min(length, bytes.length)];
        System.arraycopy(bytes, 0, part, 0, part.length);
        write(part);
    }

    private void emit(String text) throws IOException {
        write(wire(text));
    }

    private byte[] wire(String text) {
        return (plan.crlf ? text.replace("\n", "\r\n") : text).getBytes(StandardCharsets.UTF_8);
    }

    private void write(byte[] bytes) throws IOException {
        if (gzip == null) {
            answer.body(bytes);
            return;
        }
        answer.body(gzip.squeeze(bytes));
    }

    private void end() throws IOException {
        if (answer.over()) {
            return;
        }
        if (gzip != null) {
            answer.body(gzip.last(new byte[0]));
        }
        answer.end();
    }

    private void whole() throws IOException {
        tokens = generation.completionTokens();
        boolean error = plan.firstError > 0 || plan.afterPadding == Plan.AfterPadding.ERROR;
        free = error || isError(plan.stop);
        if (plan.padding > 0 || error) {
            padded(error);
        } else if (isError(plan.stop)) {
            answer.whole(200, headers("application/json"), body(failed()));
        } else if (plan.pieceLength > 8) {
            big();
        } else {
            wholeOrHalf(body(Json.bytes(plan.usage.whole(dialect.whole(generation, generation.text())))));
        }
    }

    private byte[] failed() {
        return Json.bytes(dialect.failed(generation, ApiError.typed(502, failureText(), "provider_unavailable")));
    }

    private static boolean isError(Plan.Stop stop) {
        return stop == Plan.Stop.ERROR || stop == Plan.Stop.ERROR_TEXT || stop == Plan.Stop.ERROR_DONE;
    }

    private byte[] body(byte[] json) throws IOException {
        if (gzip == null) {
            return json;
        }
        if (plan.blanks > 0) {
            gzip.blanks(plan.blanks, "", "");
        }
        return gzip.last(json);
    }

    private void padded(boolean error) throws IOException {
        answer.head(200, headers("application/json"));
        for (int i = 0; i < plan.padding; i++) {
            answer.body(PADDING);
            call.line().pause(plan.paddingGap);
        }
        if (plan.afterPadding == Plan.AfterPadding.CLOSE) {
            answer.cut();
            return;
        }
        answer.body(error ? errorBody() : Json.bytes(dialect.whole(generation, generation.text())));
        answer.end();
    }

    private void wholeOrHalf(byte[] json) throws IOException {
        answer.head(200, headers("application/json"), json.length);
        if (plan.stop == Plan.Stop.NONE) {
            answer.body(json);
            answer.end();
            return;
        }
        byte[] half = new byte[plan.stopBytes > 0 ? Math.min(plan.stopBytes, json.length) : json.length / 2];
        System.arraycopy(json, 0, half, 0, half.length);
        answer.body(half);
        breakOff(plan.stop);
    }

    /** The text is written piece by piece into a hole of the JSON, so that it is never held. */
    private void big() throws IOException {
        String json = Json.text(dialect.whole(generation, HOLE));
        String hole = Json.text(TextNode.valueOf(HOLE));
        hole = hole.substring(1, hole.length() - 1);
        int at = json.indexOf(hole);
        answer.head(200, headers("application/json"));
        write(wire(json.substring(0, at)));
        for (long i = 0; i < generation.pieces(); i++) {
            write(wire(generation.piece().apply(i)));
        }
        write(wire(json.substring(at + hole.length())));
        end();
    }

    private byte[] errorBody() {
        int status = plan.firstError > 0 ? plan.firstError : 502;
        String provider = generation.provider();
        ApiError error = status == 429
                ? ApiError.providerLimit(generation.model().id(), provider, 29)
                : status >= 502 ? ApiError.provider(status, provider) : ApiError.plain(status, "Internal Server Error");
        if (plan.leak) {
            error = ApiError.plain(status, "The key " + keyText() + " was refused by the provider");
        }
        return Json.bytes(dialect.error(error, Accounts.DEFAULT));
    }

    private String keyText() {
        return call.received().key() == null ? "" : call.received().key().reveal();
    }

    private List<String> headers(String contentType) {
        List<String> lines = new ArrayList<>();
        lines.add("Content-Type: " + (plan.contentType.isEmpty() ? contentType : plan.contentType));
        if (contentType.equals("text/event-stream")) {
            lines.add("Cache-Control: no-cache");
        }
        lines.addAll(CORS);
        lines.add("X-Generation-Id: " + generation.id());
        ResponseCache.Look cache = generation.cache();
        if (cache != null) {
            lines.addAll(cache.headers());
        }
        if (plan.gzip) {
            lines.add("Content-Encoding: gzip");
        }
        for (int i = 0; i < plan.headerKib; i++) {
            lines.add(("X-Long-" + i + ": ").concat("x".repeat(1_024)).substring(0, 1_022));
        }
        if (plan.leak) {
            lines.add("X-Debug-Authorization: Bearer " + keyText());
        }
        if (plan.strangeHeaders) {
            lines.addAll(List.of(
                    "Set-Cookie: __cf_bm=standin; path=/",
                    "Alt-Svc: h3=\":443\"",
                    "Strict-Transport-Security: max-age=1",
                    "Connection: X-Hop",
                    "X-Hop: one",
                    "Keep-Alive: timeout=5",
                    "Server: cloudflare",
                    "CF-Ray: standin"));
        }
        return lines;
    }
}
