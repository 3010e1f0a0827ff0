package dev.keyway.upstream;

import dev.keyway.keys.KeyPool;
import java.net.URI;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jetty.client.HttpClient;

/**
 * What every attempt needs: the started HTTP client, where it goes, the keys, the clocks.
 *
 * @param baseUrl as {@link UpstreamOptions#baseUrl} has it
 * @param timer fires the clocks; one thread is enough, it only hands over
 */
public record Upstream(
        UpstreamClient client, URI baseUrl, KeyPool pool, InstantSource clock, ScheduledExecutorService timer) {
    HttpClient http() {
        return client.http();
    }
}
