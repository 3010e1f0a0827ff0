package dev.keyway.upstream;

import dev.keyway.keys.Selection;
import dev.keyway.upstream.RetryPolicy.Chosen;
import dev.keyway.upstream.RetryPolicy.Decision;
import dev.keyway.upstream.RetryPolicy.Loss;
import dev.keyway.upstream.RetryPolicy.Resend;
import dev.keyway.wire.ApiException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * What happens before each send of a run: what befell the last key is kept, the policy decides, it is waited, the circuit
 * is asked and a key is chosen. Used in the run's serialised queue only.
 */
final class Resends {
    /** How long another attempt or the answer waits until what befell the key is kept. */
    private static final Duration KEPT_WITHIN = Duration.ofMillis(250);

    private final Circuit circuit;
    private final KeyJudge keys;
    private final Attempts attempts;
    private final Retries retries;
    private final RunClocks clocks;
    private final Executor events;
    private final Sender sender;
    private Runnable passOn = () -> {};
    private boolean ended;

    /** @param events the run's serialised queue */
    Resends(
            Circuit circuit,
            KeyJudge keys,
            Attempts attempts,
            Retries retries,
            RunClocks clocks,
            Executor events,
            Sender sender) {
        this.circuit = circuit;
        this.keys = keys;
        this.attempts = attempts;
        this.retries = retries;
        this.clocks = clocks;
        this.events = events;
        this.sender = sender;
    }

    /** What the run does about it. */
    interface Sender {
        /** Sends, with the key that was taken. */
        void send(Circuit.Pass pass);

        /** Nothing was sent and nothing can be. */
        void refuse(ApiException error);

        /** There are keys, but not for this model. */
        void tellFreeTierOut(Selection.FreeTierOut out);
    }

    /** The first send. */
    void first() {
        Circuit.Leave leave = circuit.ask();
        if (leave instanceof Circuit.Refused refused) {
            sender.refuse(UpstreamFailure.circuitOpen(refused.retryAfter()));
        } else if (leave instanceof Circuit.Pass pass) {
            send(pass, keys::untried);
        }
    }

    /**
     * A send has brought no answer: another one follows, or the client is told what there is.
     *
     * @param kept when what befell the key would survive a crash
     * @param stated how long the upstream asks to wait; zero when it did not say
     * @param otherwise tells the client what there is
     */
    void afterLoss(CompletionStage<Void> kept, Loss loss, Duration stated, Runnable otherwise) {
        passOn = otherwise;
        whenKept(kept, () -> {
            Decision decision = retries.after(loss, attempts.count(), stated);
            if (decision instanceof Resend resend && (keys.usesPool() || resend.key() == Chosen.ANY)) {
                resend(resend);
            } else {
                passOn.run();
            }
        });
    }

    /** Meanwhile it turned out that there is something else to tell the client. */
    void otherwise(Runnable other) {
        passOn = other;
    }

    /** The run is over. */
    void end() {
        ended = true;
    }

    /** Nobody may learn of a state that a crash could undo; but nobody waits long for a slow disk. */
    private void whenKept(CompletionStage<Void> stage, Runnable next) {
        CompletableFuture<Void> kept = stage.toCompletableFuture();
        if (kept.isDone()) {
            next.run();
            return;
        }
        AtomicBoolean ran = new AtomicBoolean();
        Runnable once = () -> {
            if (!ended && !ran.getAndSet(true)) {
                clocks.stopHold();
                next.run();
            }
        };
        clocks.hold(KEPT_WITHIN, once);
        var unused = kept.whenComplete((done, failed) -> events.execute(once));
    }

    private void resend(Resend resend) {
        switch (resend.key()) {
            case OTHER -> sendAgain(keys::untried);
            case ANY -> clocks.hold(resend.pause(), () -> sendAgain(keys::any));
            case OTHER_ACCOUNT -> {
                keys.shunAccount();
                if (keys.untried() instanceof Selection.Lease other) {
                    sendAgain(() -> other);
                } else if (resend.mayWait()) {
                    clocks.hold(resend.pause(), () -> sendAgain(keys::any));
                } else {
                    passOn.run();
                }
            }
        }
    }

    private void sendAgain(Supplier<Selection> choice) {
        if (circuit.ask() instanceof Circuit.Pass pass) {
            send(pass, choice);
        } else {
            passOn.run();
        }
    }

    private void send(Circuit.Pass pass, Supplier<Selection> choice) {
        if (keys.usesPool()) {
            Selection selection = choice.get();
            if (!(selection instanceof Selection.Lease lease)) {
                circuit.unused(pass);
                withoutKey(selection);
                return;
            }
            keys.take(lease);
        }
        sender.send(pass);
    }

    private void withoutKey(Selection selection) {
        if (selection instanceof Selection.FreeTierOut out) {
            sender.tellFreeTierOut(out);
        } else if (attempts.count() > 0) {
            passOn.run();
        } else if (selection instanceof Selection.Exhausted out) {
            sender.refuse(keys.poolIsOut(out));
        }
    }
}
