package dev.keyway.upstream;

import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.wire.ApiException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.client.Request;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request to the upstream, again with another key where that is safe, and relays the answer: the one way to the
 * upstream for every door.
 */
public final class AttemptLoop {
    private final Upstream upstream;
    private final RetryPolicy policy;
    private final Circuit circuit;
    private final UpstreamAuthorization authorization;
    private final Set<AttemptRun> running = ConcurrentHashMap.newKeySet();

    public AttemptLoop(Upstream upstream, RetryPolicy policy, Circuit circuit) {
        this.upstream = upstream;
        this.policy = policy;
        this.circuit = circuit;
        this.authorization = new UpstreamAuthorization(
                upstream.http().newRequest(upstream.options().baseUrl()));
    }

    /**
     * Starts the attempts; returns at once.
     *
     * @param streamed the body where it passes unread, else null
     */
    public Running start(
            UpstreamRequest request, Request.@Nullable Content streamed, Exchange exchange, ClientSide client) {
        AttemptRun run = new AttemptRun(this, request, streamed, exchange, client);
        running.add(run);
        run.start();
        return run;
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

    RetryPolicy policy() {
        return policy;
    }

    Circuit circuit() {
        return circuit;
    }

    UpstreamAuthorization authorization() {
        return authorization;
    }

    FreshConnections fresh() {
        return upstream.client().fresh();
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
