package dev.keyway.upstream;

import dev.keyway.keys.KeyPool;
import dev.keyway.keys.KeyPoolOptions;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jetty.client.HttpClient;

/**
 * What every attempt needs: the started HTTP client, how long to wait, the keys, the clocks.
 *
 * @param timer fires the clocks; one thread is enough, it only hands over
 */
public record Upstream(
        UpstreamClient client,
        UpstreamOptions options,
        KeyPool pool,
        KeyPoolOptions keyOptions,
        InstantSource clock,
        ScheduledExecutorService timer) {
    HttpClient http() {
        return client.http();
    }
}
