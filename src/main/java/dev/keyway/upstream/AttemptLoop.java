package dev.keyway.upstream;

import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.wire.ApiException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.eclipse.jetty.client.Request;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request to the upstream, again with another key where that is safe, and relays the answer: the one way to the
 * upstream for every door.
 */
public final class AttemptLoop {
    /** How often the clocks of all that runs are looked at. */
    static final Duration BEAT = Duration.ofMillis(20);

    private static final Logger LOG = LogManager.getLogger(AttemptLoop.class);

    private final Upstream upstream;
    private final Circuit circuit;
    private final UpstreamAuthorization authorization;
    private final Set<AttemptRun> running = ConcurrentHashMap.newKeySet();
    private final RunningTime time = new RunningTime(System::nanoTime);

    public AttemptLoop(Upstream upstream, Circuit circuit) {
        this.upstream = upstream;
        this.circuit = circuit;
        this.authorization = new UpstreamAuthorization(upstream.http().newRequest(upstream.baseUrl()));
        var unused = upstream.timer()
                .scheduleAtFixedRate(this::lookAtClocks, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Starts the attempts; returns at once.
     *
     * @param pipeline whose filters the request has passed
     * @param streamed the body where it passes unread, else null
     */
    public Running start(
            UpstreamRequest request,
            Pipeline pipeline,
            Request.@Nullable Content streamed,
            Exchange exchange,
            ClientSide client) {
        AttemptRun run = new AttemptRun(this, request, pipeline, streamed, exchange, client);
        running.add(run);
        run.start();
        return run;
    }

    private void lookAtClocks() {
        time.beat();
        for (AttemptRun run : running) {
            try {
                run.lookAtClocks();
            } catch (RuntimeException e) {
                LOG.warn("a request's clocks could not be looked at", e);
            }
        }
    }

    /** Ends all that still runs, each in the way its client understands as not whole. */
    public void breakOff(String message) {
        for (AttemptRun run : List.copyOf(running)) {
            run.breakOff(message);
        }
    }

    /** How many run now. */
    int running() {
        return running.size();
    }

    Upstream upstream() {
        return upstream;
    }

    Circuit circuit() {
        return circuit;
    }

    /** By which the clocks of all that runs go. */
    RunningTime time() {
        return time;
    }

    UpstreamAuthorization authorization() {
        return authorization;
    }

    void ended(AttemptRun run) {
        running.remove(run);
    }

    /** A started run, seen from its door. */
    public interface Running {
        /** The client left: whatever is under way to the upstream is aborted at once. */
        void clientGone(Throwable how);

        /** The door itself refuses the request while it is under way, such as for the size of its body. */
        void refuse(ApiException error);
    }
}
