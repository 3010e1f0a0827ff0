package dev.keyway.upstream;

import dev.keyway.exchange.Answer;
import dev.keyway.exchange.Api;
import dev.keyway.exchange.Client;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.Outcome.Ended;
import dev.keyway.exchange.Timings;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.keys.Fate;
import dev.keyway.keys.KeyVerdict;
import dev.keyway.keys.Selection;
import dev.keyway.stream.FirstWord;
import dev.keyway.upstream.RetryPolicy.Loss;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
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
final class AttemptRun implements AttemptLoop.Running, Resends.Sender {
    private enum Phase {
        /** For the head of the answer. */
        WAITING,
        /** An error's body is read, to know what it means. */
        JUDGING,
        /** A 200 is held until it is known to be an answer. */
        HOLDING,
        /** What it means is known; it waits a little, then it is relayed or there is another attempt. */
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
    private final Attempts attempts;
    private final Retries retries;
    private final Resends resends;
    private Phase phase = Phase.WAITING;

    private ResponseHead head = ResponseHead.NONE;
    private AnswerGate gate = AnswerGate.forError();
    /** From the commit on. */
    private @Nullable Delivery delivery;

    private int sentStatus;

    private boolean upstreamEnded;

    AttemptRun(
            AttemptLoop loop,
            UpstreamRequest request,
            Pipeline pipeline,
            Request.@Nullable Content streamed,
            Exchange exchange,
            ClientSide client) {
        this.loop = loop;
        this.options = pipeline.options();
        this.outgoing = new OutgoingRequest(loop.upstream().http(), options.baseUrl(), request, streamed);
        this.exchange = exchange;
        this.api = request.api();
        this.method = request.method();
        this.caller = request.client();
        this.client = client;
        this.keys = new KeyJudge(loop.upstream(), pipeline.keyOptions(), request, exchange.isFromAdmin());
        this.attempts = new Attempts(loop, outgoing, keys, exchange);
        this.retries = new Retries(pipeline.policy(), options, outgoing, keys.own() != null);
        this.clocks = new RunClocks(loop.upstream(), this::inTurn, loop.time());
        this.resends = new Resends(loop.circuit(), keys, attempts, retries, clocks, this::inTurn, this);
    }

    /** Called by one thread, some times a second. */
    void lookAtClocks() {
        clocks.look();
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

    /** Of the door; and of what comes before the first send. */
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
            if (attempts.isCurrent(attempt) && phase == Phase.WAITING) {
                clocks.handshake(options.connectTimeout(), () -> onHandshakeClock(attempt));
            }
        });
    }

    void onHead(UpstreamAttempt attempt, int status, List<Header> headers) {
        inTurn(() -> {
            if (attempts.isCurrent(attempt) && phase == Phase.WAITING) {
                onAnswerHead(new ResponseHead(status, headers));
            }
        });
    }

    void onContent(UpstreamAttempt attempt, UpstreamAttempt.Piece piece) {
        inTurn(() -> {
            if (!attempts.isCurrent(attempt) || phase == Phase.DONE || phase == Phase.WAITING) {
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
            if (!attempts.isCurrent(attempt) || phase == Phase.DONE) {
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
        if (phase != Phase.DONE) {
            resends.first();
        }
    }

    @Override
    public void send(Circuit.Pass pass) {
        abortCurrent("sent again");
        clocks.stop();
        phase = Phase.WAITING;
        head = ResponseHead.NONE;
        gate = AnswerGate.forError();
        upstreamEnded = false;
        UpstreamAttempt attempt = attempts.next(this, pass);
        Duration limit = retries.firstByte();
        clocks.firstByte(limit, () -> onFirstByteClock(attempt, limit));
        attempt.send(client.lane());
    }

    @Override
    public void tellFreeTierOut(Selection.FreeTierOut out) {
        abortCurrent("free tier out");
        head = keys.freeTierIsOut(out);
        deliverAll(out.refusal().body());
    }

    private void onHandshakeClock(UpstreamAttempt attempt) {
        if (attempts.isCurrent(attempt) && phase == Phase.WAITING && !attempt.sent() && outgoing.secure()) {
            giveUp(UpstreamFailure.stalledHandshake(outgoing.host(), text(options.connectTimeout())));
        }
    }

    private void onFirstByteClock(UpstreamAttempt attempt, Duration limit) {
        if (attempts.isCurrent(attempt) && phase == Phase.WAITING) {
            String within = limit.equals(options.firstByteTimeout())
                    ? "no status line within " + text(limit)
                    : "no answer before the deadline of all attempts";
            giveUp(UpstreamFailure.timeout(within, attempts.sent(attempt)));
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
        } else {
            boolean handshaking = outgoing.secure() && attempt.begun() && !attempt.sent();
            OutgoingProxyOptions unopened = attempt.begun() ? null : options.proxy();
            onNoAnswer(UpstreamFailure.of(failure, outgoing.host(), handshaking, attempts.sent(attempt), unopened));
        }
    }

    private void onNoAnswer(UpstreamFailure failure) {
        switch (phase) {
            case JUDGING -> judged(head, gate.bytes(), () -> finishRefused(failure.error()));
            case HOLDING -> giveUp(failure.behindTheHead(head.isEventStream()));
            case DELAYING -> resends.otherwise(() -> finishRefused(failure.error()));
            default -> giveUp(failure);
        }
    }

    private void giveUp(UpstreamFailure failure) {
        attempts.tell(head.status(), failure.reason());
        if (failure.outage()) {
            attempts.nobodyThere();
        }
        abortCurrent(failure.reason());
        CompletionStage<Void> kept =
                failure.loss() == Loss.AMBIGUOUS ? keys.bookSilence(failure.reason()) : KeyJudge.NOTHING_TO_KEEP;
        lost(kept, failure.loss(), Duration.ZERO, () -> finishRefused(failure.error()));
    }

    private void lost(CompletionStage<Void> kept, Loss loss, Duration stated, Runnable otherwise) {
        phase = Phase.DELAYING;
        clocks.stop();
        resends.afterLoss(kept, loss, stated, otherwise);
    }

    // ---- the answer, until it is committed

    private void onAnswerHead(ResponseHead answer) {
        clocks.stop();
        head = answer;
        watchBody();
        if (answer.status() < 500) {
            attempts.lives();
        }
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

    private void watchBody() {
        boolean stream = head.isEventStream();
        Duration whole = stream ? options.streamTimeout() : options.totalTimeout();
        clocks.total(retries.left(stream), () -> onBodyClock("the answer was not whole within " + text(whole)));
        clocks.idle(options.idleTimeout(), () -> onBodyClock("no data for " + text(options.idleTimeout())));
    }

    private void onBodyClock(String what) {
        if (delivery != null) {
            broken("timeout", new ApiException(ErrorCode.TIMEOUT, "The upstream went silent: " + what));
        } else if (phase == Phase.JUDGING) {
            judge();
        } else if (attempts.isUnderWay()) {
            giveUp(UpstreamFailure.stalled(what, head.isEventStream()));
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
            giveUp(UpstreamFailure.noAnswer(none.what(), head.isEventStream()));
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
        if (phase == Phase.JUDGING) {
            judged(head, gate.bytes(), this::relayError);
        }
    }

    private void relayError() {
        if (!upstreamEnded) {
            watchBody();
        }
        openGate();
    }

    /** An error in the clothes of a 200 gets the status it stands for; what follows it does not matter. */
    private void judgeHidden(FirstWord.Failure failure) {
        judged(head.withError(failure.status()), failure.json(), () -> {
            abortCurrent("error_in_200");
            deliverAll(keys.masked(failure.json()));
        });
    }

    private void judged(ResponseHead error, byte[] body, Runnable relay) {
        head = error;
        KeyVerdict verdict = keys.meaningOf(error, body);
        attempts.tell(error.status(), verdict.reason());
        if (verdict.fate() == Fate.AMBIGUOUS && error.status() >= 500 && !error.isJson()) {
            attempts.nobodyThere();
        } else {
            attempts.lives();
        }
        lost(keys.book(verdict, error, body), Loss.of(verdict.fate()), verdict.pause(), () -> pass(verdict, relay));
    }

    /** The client is told the error itself, unless it is about a key that is not the client's. */
    private void pass(KeyVerdict verdict, Runnable relay) {
        if (head.status() == 401 && keys.usesPool()) {
            abortCurrent("unauthorized");
            finishRefused(keys.noKeyLeft());
            return;
        }
        if (retries.mayBeBilled()) {
            head = head.with(UpstreamFailure.SHOULD_RETRY, "false");
        }
        clocks.hold(verdict.fate() == Fate.PROVIDER_LIMITED ? verdict.pause() : Duration.ZERO, relay);
    }

    private void abortCurrent(String why) {
        attempts.abort(why, delivery != null);
        gate.release();
    }

    // ---- the answer, from the commit on

    private void openGate() {
        if (delivery != null || phase == Phase.DONE) {
            return;
        }
        if (head.status() < 400) {
            attempts.tell(head.status(), "ok");
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
        Timings timings = attempts.atFirstByte();
        begun.begin(head.status(), head.forClient(keys::appearIn, attempts.count(), timings), head.isEventStream());
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

    /** An error that came when nothing could be tried again still says something about the key. */
    private void bookLate(FirstWord.@Nullable Failure failure) {
        if (failure != null) {
            ResponseHead error = head.withError(failure.status());
            var unused = keys.book(keys.meaningOf(error, failure.json()), error, failure.json());
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
                retries.mayBeBilled() ? error.withHeader(UpstreamFailure.SHOULD_RETRY, "false") : error,
                List.of(new Header("X-Keyway-Attempts", Integer.toString(attempts.count()))),
                () -> exchange.end(sentStatus, Ended.ERROR, error));
    }

    private void broken(String reason, ApiException error) {
        if (phase == Phase.DONE) {
            return;
        }
        Delivery begun = delivery;
        if (begun == null) {
            attempts.tell(0, reason);
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
                attempts.tell(0, "client_gone");
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
        if (begun != null) {
            bookLate(begun.failure());
        }
        exchange.answer(begun == null ? Answer.NONE : begun.answer());
        gate.release();
        attempts.forget();
        resends.end();
        clocks.stop();
        outgoing.forgetBody();
        loop.ended(this);
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
