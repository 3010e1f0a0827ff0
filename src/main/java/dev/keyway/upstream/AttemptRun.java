package dev.keyway.upstream;

import dev.keyway.exchange.Answer;
import dev.keyway.exchange.Api;
import dev.keyway.exchange.Attempt;
import dev.keyway.exchange.Client;
import dev.keyway.exchange.Credential;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.Outcome.Ended;
import dev.keyway.exchange.Timings;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.keys.KeyVerdict;
import dev.keyway.keys.Selection;
import dev.keyway.stream.FirstWord;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.Secret;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.util.thread.SerializedInvoker;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way: its attempts, the gate that holds an answer until it is known to be one, the relay of it, and
 * the end, which comes exactly once.
 *
 * <p>Everything that happens to it (the HTTP client, the clocks, the client's leaving) passes through one serialised
 * queue, so the fields below have one writer at a time.
 */
final class AttemptRun implements AttemptLoop.Running {
    private enum Phase {
        /** For the head of the answer. */
        WAITING,
        /** An error's body is read, to know what it means. */
        JUDGING,
        /** A 200 is held until it is known to be an answer. */
        HOLDING,
        /** What it means is known; the answer waits a little. */
        DELAYING,
        RELAYING,
        DONE
    }

    private final AttemptLoop loop;
    private final UpstreamOptions options;
    private final OutgoingRequest outgoing;
    private final Exchange exchange;
    private final Api api;
    private final String method;
    private final Client caller;
    private final ClientSide client;
    private final RunClocks clocks;
    private final SerializedInvoker events = new SerializedInvoker("keyway-run");
    private final KeyJudge keys;
    private final RunTimes times = new RunTimes();
    private Phase phase = Phase.WAITING;
    private int attempts;
    private @Nullable UpstreamAttempt current;
    /** The last one that stands in the exchange; one that fails after it was judged is not told again. */
    private @Nullable UpstreamAttempt told;

    private ResponseHead head = ResponseHead.NONE;
    private AnswerGate gate = AnswerGate.forError();
    /** From the commit on. */
    private @Nullable Delivery delivery;

    private int sentStatus;

    private boolean upstreamEnded;

    AttemptRun(
            AttemptLoop loop,
            UpstreamRequest request,
            Request.@Nullable Content streamed,
            Exchange exchange,
            ClientSide client) {
        this.loop = loop;
        this.options = loop.upstream().options();
        this.outgoing = new OutgoingRequest(loop.upstream().http(), options.baseUrl(), request, streamed);
        this.exchange = exchange;
        this.api = request.api();
        this.method = request.method();
        this.caller = request.client();
        this.client = client;
        this.keys = new KeyJudge(loop.upstream(), caller.credential());
        this.clocks = new RunClocks(loop.upstream(), this::inTurn);
    }

    void start() {
        inTurn(this::firstAttempt);
    }

    /** Runs a step after those before it. One that fails ends the run, so that no client waits for ever. */
    private void inTurn(Runnable step) {
        events.run(() -> {
            try {
                step.run();
            } catch (ApiException e) {
                broken("refused", e);
            } catch (RuntimeException e) {
                broken("failed", new ApiException(ErrorCode.INTERNAL, "Keyway failed on this request", e));
            }
        });
    }

    @Override
    public void clientGone(Throwable how) {
        inTurn(() -> onClientGone(how));
    }

    @Override
    public void refuse(ApiException error) {
        inTurn(() -> broken("refused", error));
    }

    void breakOff(String message) {
        inTurn(() ->
                broken("drained", new ApiException(ErrorCode.UNAVAILABLE, message).withHeader("Retry-After", "1")));
    }

    void onBegun(UpstreamAttempt attempt) {
        inTurn(() -> {
            if (attempt == current && phase == Phase.WAITING) {
                clocks.handshake(options.connectTimeout(), () -> onHandshakeClock(attempt));
            }
        });
    }

    void onHead(UpstreamAttempt attempt, int status, List<Header> headers) {
        inTurn(() -> {
            if (attempt == current && phase == Phase.WAITING) {
                onAnswerHead(new ResponseHead(status, headers));
            }
        });
    }

    void onContent(UpstreamAttempt attempt, UpstreamAttempt.Piece piece) {
        inTurn(() -> {
            if (attempt != current || phase == Phase.DONE || phase == Phase.WAITING) {
                piece.release();
                return;
            }
            onAnswerBytes(piece);
        });
    }

    /** The answer is whole though the request is not: what is left of it need not be sent. */
    void onAnsweredEarly(UpstreamAttempt attempt) {
        onComplete(attempt, null);
        inTurn(() -> attempt.abort(new CancellationException("answered early")));
    }

    void onComplete(UpstreamAttempt attempt, @Nullable Throwable failure) {
        inTurn(() -> {
            if (attempt != current || phase == Phase.DONE) {
                return;
            }
            if (failure == null) {
                onAnswerEnd();
            } else {
                onAttemptFailed(attempt, failure);
            }
        });
    }

    // ---- attempts

    private void firstAttempt() {
        if (phase == Phase.DONE) {
            return;
        }
        ApiException noKey = keys.first();
        if (noKey != null) {
            finishRefused(noKey);
        } else {
            attempt();
        }
    }

    private void attempt() {
        phase = Phase.WAITING;
        head = ResponseHead.NONE;
        gate = AnswerGate.forError();
        upstreamEnded = false;
        String keyId = null;
        Request toSend = outgoing.next();
        attempts++;
        Selection.Lease leased = keys.lease();
        if (leased != null) {
            keyId = leased.key().id();
            loop.authorization().apply(toSend, leased.key().secret());
        } else if (caller.credential() instanceof Credential.Own own) {
            Secret key = own.secret();
            keyId = key.id();
            loop.authorization().apply(toSend, key);
        }
        UpstreamAttempt attempt = new UpstreamAttempt(this, toSend, loop.fresh(), keyId);
        current = attempt;
        clocks.firstByte(options.firstByteTimeout(), () -> onFirstByteClock(attempt));
        attempt.send();
    }

    private void onHandshakeClock(UpstreamAttempt attempt) {
        if (attempt == current && phase == Phase.WAITING && !attempt.sent() && outgoing.secure()) {
            giveUp(UpstreamFailure.stalledHandshake(outgoing.host(), text(options.connectTimeout())));
        }
    }

    private void onFirstByteClock(UpstreamAttempt attempt) {
        if (attempt == current && phase == Phase.WAITING) {
            giveUp(UpstreamFailure.timeout(
                    "no status line within " + text(options.firstByteTimeout()), attempt.sent()));
        }
    }

    private void onAttemptFailed(UpstreamAttempt attempt, Throwable failure) {
        Delivery begun = delivery;
        if (begun != null && begun.isEnded()) {
            finish(Ended.COMPLETE, null);
        } else if (begun != null) {
            broken(
                    "broken",
                    new ApiException(
                            ErrorCode.UPSTREAM,
                            "The upstream closed the connection before the answer was whole",
                            failure));
        } else if (phase == Phase.JUDGING && verdict(head, gate.bytes()) instanceof Verdict.NextKey next) {
            retry(next.lease());
        } else {
            boolean handshaking = outgoing.secure() && attempt.begun() && !attempt.sent();
            giveUp(UpstreamFailure.of(failure, outgoing.host(), handshaking, attempt.sent()));
        }
    }

    private void giveUp(UpstreamFailure failure) {
        attempted(head.status(), failure.reason());
        abortCurrent(failure.reason());
        finishRefused(failure.error());
    }

    // ---- the answer, until it is committed

    private void onAnswerHead(ResponseHead answer) {
        clocks.stop();
        head = answer;
        Duration whole = answer.isEventStream() ? options.streamTimeout() : options.totalTimeout();
        clocks.total(whole, () -> onBodyClock("the answer was not whole within " + text(whole)));
        clocks.idle(options.idleTimeout(), () -> onBodyClock("no data for " + text(options.idleTimeout())));
        if (answer.status() >= 400) {
            phase = Phase.JUDGING;
            gate = AnswerGate.forError();
            clocks.hold(options.hold(), this::judge);
        } else if (answer.status() == 200 && method.equals("POST") && answer.mayBeNoAnswer()) {
            phase = Phase.HOLDING;
            gate = AnswerGate.forAnswer(answer.contentType());
            clocks.hold(options.hold(), this::openGate);
        } else {
            openGate();
        }
    }

    private void onBodyClock(String what) {
        if (delivery != null) {
            broken("timeout", new ApiException(ErrorCode.TIMEOUT, "The upstream went silent: " + what));
        } else if (current != null) {
            giveUp(UpstreamFailure.timeout(what, true));
        }
    }

    private void onAnswerBytes(UpstreamAttempt.Piece piece) {
        switch (phase) {
            case JUDGING -> {
                gate.take(piece);
                if (gate.isFull()) {
                    judge();
                } else {
                    gate.askForMore();
                }
            }
            case HOLDING -> onHeldBytes(gate.take(piece));
            case DELAYING -> gate.take(piece);
            default -> deliver(piece);
        }
    }

    private void onHeldBytes(FirstWord word) {
        if (word instanceof FirstWord.Pending && !gate.isFull()) {
            gate.askForMore();
        } else {
            onFirstWord(word);
        }
    }

    private void onFirstWord(FirstWord word) {
        if (word instanceof FirstWord.Failure failure) {
            judgeHidden(failure);
        } else if (word instanceof FirstWord.NoAnswer none && api.rewritten()) {
            giveUp(UpstreamFailure.noAnswer(none.what()));
        } else {
            openGate();
        }
    }

    private void onAnswerEnd() {
        switch (phase) {
            case WAITING -> {
                // The HTTP client tells the head first; without one there is no success.
            }
            case JUDGING -> {
                upstreamEnded = true;
                judge();
            }
            case DELAYING -> upstreamEnded = true;
            case HOLDING -> {
                upstreamEnded = true;
                onFirstWord(gate.end());
            }
            default -> finishDelivery();
        }
    }

    private void judge() {
        if (phase != Phase.JUDGING) {
            return;
        }
        Verdict verdict = verdict(head, gate.bytes());
        if (verdict instanceof Verdict.NextKey next) {
            retry(next.lease());
        } else if (verdict instanceof Verdict.Refuse refusal) {
            abortCurrent("unauthorized");
            finishRefused(refusal.error());
        } else if (verdict instanceof Verdict.Relay delayed) {
            phase = Phase.DELAYING;
            clocks.hold(delayed.after(), this::openGate);
        }
    }

    /** An error in the clothes of a 200 gets the status it stands for; what follows it does not matter. */
    private void judgeHidden(FirstWord.Failure failure) {
        ResponseHead real = head.withError(failure.status());
        Verdict verdict = verdict(real, failure.json());
        if (verdict instanceof Verdict.NextKey next) {
            retry(next.lease());
            return;
        }
        abortCurrent("error_in_200");
        if (verdict instanceof Verdict.Refuse refusal) {
            finishRefused(refusal.error());
        } else if (verdict instanceof Verdict.Relay delayed) {
            head = real;
            phase = Phase.DELAYING;
            clocks.hold(delayed.after(), () -> deliverAll(keys.masked(failure.json())));
        }
    }

    private Verdict verdict(ResponseHead answer, byte[] body) {
        KeyVerdict meaning = keys.meaningOf(answer, body);
        attempted(answer.status(), meaning.reason());
        return keys.verdict(answer, meaning, attempts < options.maxAttempts() && outgoing.repeatable());
    }

    private void retry(Selection.Lease next) {
        abortCurrent("next key");
        clocks.stop();
        keys.take(next);
        attempt();
    }

    private void abortCurrent(String why) {
        UpstreamAttempt attempt = current;
        current = null;
        gate.release();
        if (attempt != null) {
            if (delivery == null) {
                times.spent(attempt);
            }
            // Does nothing to an exchange that is already complete, whose connection stays in the pool.
            attempt.abort(new CancellationException(why));
        }
    }

    // ---- the answer, from the commit on

    private void openGate() {
        if (delivery != null || phase == Phase.DONE) {
            return;
        }
        if (head.status() < 400) {
            attempted(head.status(), "ok");
            keys.served();
        }
        phase = Phase.RELAYING;
        clocks.stopHold();
        Delivery begun = commit();
        byte[] first = head.status() < 400 ? gate.bytes() : keys.masked(gate.bytes());
        if (first.length > 0) {
            begun.take(ByteBuffer.wrap(first), gate::askForMore);
        }
        if (upstreamEnded) {
            finishDelivery();
        }
    }

    private Delivery commit() {
        AnswerRelay relay = new AnswerRelay(api, head, caller.stripComments());
        Duration keepAlive = caller.stripComments() ? Duration.ZERO : options.keepAliveInterval();
        Delivery begun = new Delivery(relay, client, clocks, keepAlive);
        delivery = begun;
        sentStatus = head.status();
        exchange.stream(head.isEventStream());
        outgoing.forgetBody();
        Timings timings = times.atFirstByte(exchange, current);
        exchange.timings(timings);
        begun.begin(head.status(), head.forClient(keys::appearIn, attempts, timings), head.isEventStream());
        return begun;
    }

    private void deliver(UpstreamAttempt.Piece piece) {
        Delivery begun = delivery;
        if (begun == null) {
            piece.release();
        } else {
            begun.take(piece.bytes(), piece::releaseAndDemand);
        }
    }

    private void finishDelivery() {
        Delivery begun = delivery;
        if (phase != Phase.RELAYING || begun == null) {
            return;
        }
        if (begun.end()) {
            finish(Ended.COMPLETE, null);
        } else {
            broken(
                    "cut",
                    new ApiException(ErrorCode.UPSTREAM, "The upstream ended the stream before the answer was whole"));
        }
    }

    /** An answer that is there as a whole. */
    private void deliverAll(byte[] body) {
        if (phase != Phase.DONE) {
            phase = Phase.RELAYING;
            commit().take(ByteBuffer.wrap(body), () -> {});
            finishDelivery();
        }
    }

    // ---- the ends

    private void finishRefused(ApiException error) {
        if (phase == Phase.DONE) {
            return;
        }
        close();
        sentStatus = error.code().status();
        client.refuse(
                error,
                List.of(new Header("X-Keyway-Attempts", Integer.toString(attempts))),
                () -> exchange.end(sentStatus, Ended.ERROR, error));
    }

    private void broken(String reason, ApiException error) {
        if (phase == Phase.DONE) {
            return;
        }
        Delivery begun = delivery;
        if (begun == null) {
            attempted(0, reason);
        }
        abortCurrent(reason);
        if (begun == null || !begun.isShown()) {
            finishRefused(error);
        } else if (begun.tellBroken(error.code(), error.text())) {
            finish(Ended.UPSTREAM_BROKEN, error);
        } else {
            close();
            client.tear();
            exchange.end(sentStatus, Ended.UPSTREAM_BROKEN, error);
        }
    }

    private void onClientGone(Throwable how) {
        if (phase != Phase.DONE) {
            if (delivery == null) {
                attempted(0, "client_gone");
            }
            abortCurrent("client gone");
            close();
        }
        exchange.end(sentStatus, Ended.CLIENT_GONE, how);
    }

    private void finish(Ended how, @Nullable Throwable failure) {
        close();
        client.end(() -> exchange.end(sentStatus, how, failure));
    }

    /** From here on nothing that still comes in has an effect. */
    private void close() {
        phase = Phase.DONE;
        Delivery begun = delivery;
        exchange.answer(begun == null ? Answer.NONE : begun.answer());
        gate.release();
        current = null;
        clocks.stop();
        outgoing.forgetBody();
        loop.ended(this);
    }

    private void attempted(int status, String reason) {
        UpstreamAttempt attempt = current;
        if (attempt != null && attempt != told) {
            told = attempt;
            exchange.attempted(new Attempt(attempt.keyId(), status, reason, attempt.took()));
        }
    }

    private static String text(Duration time) {
        return time.toMillis() % 1000 == 0
                ? time.toSeconds() + " s"
                : String.format(Locale.ROOT, "%d ms", time.toMillis());
    }

    @Override
    public String toString() {
        return "run " + exchange.id() + " " + phase + (api == Api.OTHER ? "" : " " + api);
    }
}
