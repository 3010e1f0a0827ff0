package dev.keyway.sandbox;

import com.google.errorprone.annotations.Immutable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the stand-in can do wrong. A fault is chosen per request: by the model's name, {@code sandbox/<fault>}; by the
 * request header {@code X-Sandbox-Fault: <fault>}, for any model; or by {@link Sandbox#script} for a key. Parameters
 * follow after colons. A refusal bills nothing; a broken stream bills the prompt and the pieces sent; a whole answer
 * that is started is billed whole, whether the client got it or not; an answer that ends in an error bills nothing.
 */
public enum Faults {
    SLOW_HEADERS(
            "slow-headers",
            ":<ms>",
            "waits (1000 ms) before the status line",
            (p, a) -> p.beforeHead = a.millis(0, 1_000)),
    SLOW_TOKEN(
            "slow-token",
            ":<ms>",
            "waits (1000 ms) between the first comment and the first event",
            (p, a) -> p.beforeToken = a.millis(0, 1_000)),
    STALL(
            "stall",
            ":<events>:<bytes>",
            "goes silent after 3 events (and these bytes of the next) until the client"
                    + " closes; of a whole answer after half of it",
            (p, a) -> stop(p, a, Plan.Stop.STALL, 0)),
    CUT(
            "cut",
            ":<events>:<bytes>",
            "closes (FIN) after 3 events and half of the next; of a whole answer after half" + " of it",
            (p, a) -> stop(p, a, Plan.Stop.CUT, Plan.HALF)),
    RESET(
            "reset",
            ":<events>:<bytes>",
            "resets (RST) after 3 events and half of the next; of a whole answer after" + " half of it",
            (p, a) -> stop(p, a, Plan.Stop.RESET, Plan.HALF)),
    ERROR(
            "error",
            ":<events>",
            "an error event with a numeric code after 3 events, then the end; in a whole answer" + " choices[].error",
            (p, a) -> stop(p, a, Plan.Stop.ERROR, 0)),
    ERROR_TEXT(
            "error-text", ":<events>", "the same with a string as code", (p, a) -> stop(p, a, Plan.Stop.ERROR_TEXT, 0)),
    ERROR_DONE(
            "error-done",
            ":<events>",
            "the same, followed by usage and [DONE]",
            (p, a) -> stop(p, a, Plan.Stop.ERROR_DONE, 0)),
    FIRST_ERROR(
            "first-error",
            ":<status>",
            "status 200 whose first event, or whole body, is an error (502)",
            (p, a) -> p.firstError = a.number(0, 502)),
    ERROR_BODY("error-body", ":<status>", "status 200 and a JSON error (500) as body, streaming or not", (p, a) -> {
        p.firstError = a.number(0, 500);
        p.errorBody = true;
    }),
    PADDING(
            "padding",
            ":<lines>:<ms>",
            "5 lines of padding (comments in a stream) 20 ms apart, then the answer",
            (p, a) -> pad(p, a, Plan.AfterPadding.ANSWER)),
    PADDING_ERROR(
            "padding-error",
            ":<lines>:<ms>",
            "padding, then an error inside the 200",
            (p, a) -> pad(p, a, Plan.AfterPadding.ERROR)),
    PADDING_CLOSE(
            "padding-close",
            ":<lines>:<ms>",
            "padding, then the connection closes",
            (p, a) -> pad(p, a, Plan.AfterPadding.CLOSE)),
    HTML_502("html-502", "", "502 with an HTML page", (p, a) -> p.fixed = html(502)),
    HTML_504("html-504", "", "504 with an HTML page", (p, a) -> p.fixed = html(504)),
    HTML_200("html-200", "", "200 with an HTML page", (p, a) -> p.fixed = html(200)),
    EMPTY(
            "empty",
            ":<status>",
            "no body at all (200)",
            (p, a) -> p.fixed = Reply.of(a.number(0, 200), "application/json", new byte[0])),
    WRONG_TYPE("wrong-type", "", "the right answer as text/plain", (p, a) -> p.contentType = "text/plain"),
    GZIP("gzip", "", "the answer compressed, asked for or not", (p, a) -> p.gzip = true),
    GZIP_BROKEN("gzip-broken", "", "the same, with bits that are wrong", (p, a) -> {
        p.gzip = true;
        p.gzipBroken = true;
    }),
    GZIP_BOMB(
            "gzip-bomb",
            ":<MiB>",
            "the same, behind a comment or padding of so many (100) MiB of blanks, about 1 KiB for each MiB",
            (p, a) -> {
                p.gzip = true;
                p.blanks = a.number(0, 100);
            }),
    BIG_HEAD("big-head", ":<KiB>", "so many (32) KiB of headers", (p, a) -> p.headerKib = a.number(0, 32)),
    LIMIT("429", "", "platform limit: 429 of the free tier's day", (p, a) -> p.platformLimit = true),
    PROVIDER_LIMIT(
            "429-upstream",
            ":<seconds>",
            "429 of the upstream provider with Retry-After (29 s)",
            (p, a) -> p.refusal = (model, provider) -> ApiError.providerLimit(model, provider, a.number(0, 29))),
    CREDIT("402", "", "402 without credit", (p, a) -> p.refusal = (model, provider) -> ApiError.noCredit()),
    IN_FLIGHT(
            "402-in-flight",
            ":<seconds>",
            "402 with Retry-After (2 s): too many paid requests at once",
            (p, a) -> p.refusal = (model, provider) -> ApiError.inFlight(a.number(0, 2))),
    MODERATION("403", "", "403 of a moderated provider", (p, a) -> p.refusal = ApiError::moderation),
    KEY_LIMIT(
            "403-key-limit",
            "",
            "403: the key's own limit is reached",
            (p, a) -> p.refusal = (model, provider) -> ApiError.keyLimit("total")),
    BAD_KEY(
            "401",
            "",
            "401 as for a key that does not exist",
            (p, a) -> p.refusal = (model, provider) -> ApiError.badCredential()),
    BAD_REQUEST(
            "400",
            "",
            "400 of the provider",
            (p, a) -> p.refusal = (model, provider) -> ApiError.provider(400, provider)),
    NO_ENDPOINTS(
            "404",
            "",
            "404: no provider offers the model",
            (p, a) -> p.refusal = (model, provider) -> ApiError.noEndpoints(model)),
    REQUEST_TIMEOUT(
            "408",
            "",
            "408",
            (p, a) -> p.refusal = (model, provider) -> ApiError.typed(408, "Request timed out", "timeout")),
    TOO_LARGE("413", "", "413", (p, a) -> p.refusal = (model, provider) -> ApiError.tooLarge()),
    SERVER("500", "", "500, masked", (p, a) -> p.refusal = (model, provider) -> ApiError.server()),
    PROVIDER(
            "502",
            "",
            "502 of the provider in OpenRouter's envelope",
            (p, a) -> p.refusal = (model, provider) -> ApiError.provider(502, provider)),
    UNAVAILABLE(
            "503",
            ":<seconds>",
            "503 with Retry-After (10 s)",
            (p, a) -> p.refusal = (model, provider) -> ApiError.unavailable(model, a.number(0, 10))),
    PROVIDER_TIMEOUT(
            "504",
            "",
            "504 in OpenRouter's envelope",
            (p, a) -> p.refusal =
                    (model, provider) -> ApiError.typed(504, "The provider did not answer in time", "timeout")),
    EDGE_TIMEOUT(
            "524",
            "",
            "524 of the edge",
            (p, a) -> p.refusal = (model, provider) ->
                    ApiError.plain(524, "Request timed out at the edge network").anonymous()),
    OVERLOADED(
            "529",
            "",
            "529: provider overloaded",
            (p, a) -> p.refusal = (model, provider) ->
                    ApiError.typed(529, "Provider is temporarily overloaded", "provider_overloaded")),
    REDIRECT(
            "redirect",
            ":<port>",
            "307 to another port of 127.0.0.1 (9)",
            (p, a) -> p.fixed = Reply.of(307, "text/plain", new byte[0])
                    .withHeader("Location", "http://127.0.0.1:" + a.number(0, 9) + "/elsewhere")),
    FIN(
            "fin",
            "",
            "closes after the request, before any byte of an answer; billed whole",
            (p, a) -> p.vanish = Plan.Stop.CUT),
    RST(
            "rst",
            "",
            "resets after the request, before any byte of an answer; billed whole",
            (p, a) -> p.vanish = Plan.Stop.RESET),
    STALE("stale", "", "a right answer that promises keep-alive, then closes", (p, a) -> p.closeAfter = true),
    GARBAGE("garbage", "", "a status line that is none", (p, a) -> p.garbage = "ICY 200 OK\r\n\r\n"),
    INTERIM("interim", ":<n>", "n (3) interim answers 103 before the answer", (p, a) -> p.interim = a.number(0, 3)),
    SPLIT(
            "split",
            ":<n>",
            "every n (1) bytes a chunk and a write of their own, within characters and line ends",
            (p, a) -> p.split = a.number(0, 1)),
    DRIP("drip", ":<bytes>:<ms>", "1 byte at a time, so many ms (1000) apart", (p, a) -> {
        p.split = a.number(0, 1);
        p.drip = a.millis(1, 1_000);
    }),
    CRLF("crlf", ":<n>", "line ends CR LF, in pieces of n bytes (whole events)", (p, a) -> {
        p.crlf = true;
        p.split = a.number(0, 0);
    }),
    NO_DONE("no-done", "", "ends in order without [DONE]", (p, a) -> p.noDone = true),
    AFTER_DONE("after-done", "", "one more piece behind the end mark of a stream", (p, a) -> p.afterDone = true),
    BROKEN_JSON("broken-json", "", "an event that is no JSON behind the first piece", (p, a) -> p.brokenJson = true),
    LONG_LINE(
            "long-line",
            ":<MiB>",
            "one piece of so many (10) MiB, which is one line of a stream",
            (p, a) -> longLine(p, a)),
    BIG("big", ":<MiB>", "a stream of so many (64) MiB of text, 1 KiB a piece", (p, a) -> mebibytes(p, a)),
    BIG_JSON("big-json", ":<MiB>", "a whole answer of so many (64) MiB of text", (p, a) -> mebibytes(p, a)),
    PACED("paced", ":<n>:<ms>", "n (10) pieces, so many ms (100) apart", (p, a) -> {
        p.pieces = a.number(0, 10);
        p.gap = a.millis(1, 100);
    }),
    USAGE(
            "usage",
            ":<form>",
            "usage chunk of form 1 (no choices), 2 (last choice again) or 3 (without finish_reason);"
                    + " also usage-1, usage-2, usage-3",
            (p, a) -> p.usageForm = a.number(0, 1)),
    NO_USAGE("no-usage", "", "an answer without usage", (p, a) -> p.usage = OddUsage.NONE),
    ODD_USAGE(
            "odd-usage",
            ":<form>",
            "usage whose numbers are negative (1), 1e300 (2) or words (3)",
            (p, a) -> p.usage = OddUsage.form(a.number(0, 1))),
    TWO_USAGES(
            "two-usages",
            "",
            "the usage of a stream's end twice; the answer's own once",
            (p, a) -> p.usage = OddUsage.TWICE),
    LEAK("leak", ":<status>", "echoes the key in a header and, unless 200, in an error's text (400)", (p, a) -> {
        p.leak = true;
        p.firstError = a.number(0, 400) == 200 ? 0 : a.number(0, 400);
    }),
    STRANGE_HEADERS(
            "strange-headers",
            "",
            "Set-Cookie, hop-by-hop and foreign headers on a right answer",
            (p, a) -> p.strangeHeaders = true);

    private static final int KIB = 1_024;
    private final String label;
    private final String parameters;
    private final String description;
    private final Effect effect;

    Faults(String label, String parameters, String description, Effect effect) {
        this.label = label;
        this.parameters = parameters;
        this.description = description;
        this.effect = effect;
    }

    /** What a fault changes in the plan of an answer. */
    @Immutable
    private interface Effect {
        void on(Plan plan, Arguments arguments);
    }

    /** The words after the fault's name; a missing one has its default. */
    record Arguments(List<String> words) {
        int number(int index, int otherwise) {
            if (index >= words.size() || words.get(index).isEmpty()) {
                return otherwise;
            }
            try {
                return Integer.parseUnsignedInt(words.get(index));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("not a number: " + words.get(index), e);
            }
        }

        Duration millis(int index, int otherwise) {
            return Duration.ofMillis(number(index, otherwise));
        }
    }

    /** A fault with its parameters. */
    record Chosen(Faults fault, Arguments arguments) {
        void on(Plan plan) {
            fault.effect.on(plan, arguments);
        }
    }

    /** The fault's name, as it stands after {@code sandbox/}. */
    public String label() {
        return label;
    }

    /** The parameters it takes, each after a colon; empty when it takes none. */
    public String parameters() {
        return parameters;
    }

    /** One sentence for people; defaults in brackets. */
    public String description() {
        return description;
    }

    /** All faults as a Markdown table. */
    public static String table() {
        StringBuilder table = new StringBuilder("| model | what happens |\n| --- | --- |\n");
        for (Faults fault : values()) {
            table.append("| `sandbox/")
                    .append(fault.label)
                    .append(fault.parameters)
                    .append("` | ");
            table.append(fault.description).append(" |\n");
        }
        return table.toString();
    }

    /**
     * Reads {@code name:parameter:parameter}.
     *
     * @throws IllegalArgumentException when there is no such fault, or a parameter is not a number
     */
    static Chosen parse(String text) {
        List<String> words = new ArrayList<>(List.of(text.split(":", -1)));
        String name = words.remove(0).toLowerCase(Locale.ROOT);
        if (name.startsWith("usage-")) {
            words.add(0, name.substring("usage-".length()));
            name = "usage";
        }
        for (Faults fault : values()) {
            if (fault.label.equals(name)) {
                Chosen chosen = new Chosen(fault, new Arguments(List.copyOf(words)));
                chosen.on(new Plan(Duration.ZERO));
                return chosen;
            }
        }
        throw new IllegalArgumentException("no fault of this name: " + name);
    }

    private static void stop(Plan plan, Arguments arguments, Plan.Stop stop, int bytes) {
        plan.stop = stop;
        plan.stopAfter = arguments.number(0, 3);
        plan.stopBytes = arguments.number(1, bytes);
    }

    private static void pad(Plan plan, Arguments arguments, Plan.AfterPadding after) {
        plan.padding = arguments.number(0, 5);
        plan.paddingGap = arguments.millis(1, 20);
        plan.afterPadding = after;
    }

    private static void mebibytes(Plan plan, Arguments arguments) {
        plan.pieces = arguments.number(0, 64) * (long) KIB;
        plan.pieceLength = KIB;
        plan.gap = Duration.ZERO;
    }

    private static void longLine(Plan plan, Arguments arguments) {
        plan.pieces = 1;
        plan.pieceLength = arguments.number(0, 10) * KIB * KIB;
        plan.gap = Duration.ZERO;
    }

    private static Reply html(int status) {
        String page = "<!DOCTYPE html>\n<html><head><title>" + status + "</title></head><body><h1>" + status
                + "</h1><p>This page is not JSON.</p></body></html>\n";
        return Reply.of(status, "text/html; charset=utf-8", page.getBytes(StandardCharsets.UTF_8));
    }
}
