package dev.keyway.upstream.account;

import dev.keyway.catalogue.Catalogue;
import dev.keyway.catalogue.ModelsSource;
import dev.keyway.upstream.UpstreamClient;
import dev.keyway.upstream.UpstreamOptions;
import dev.keyway.wire.ErrorCode;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.BufferingResponseListener;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Result;
import org.jspecify.annotations.Nullable;

/** {@code GET /models} of the upstream: one call without a key, whole or not at all. */
public final class ModelsCall implements ModelsSource {
    /** Of the whole call, unless {@code upstream.first_byte_timeout} is less. */
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private final UpstreamClient client;
    private final URI baseUrl;
    private final Duration limit;

    public ModelsCall(UpstreamClient client, UpstreamOptions upstream) {
        this.client = client;
        this.baseUrl = upstream.baseUrl();
        this.limit = upstream.firstByteTimeout().compareTo(LONGEST) < 0 ? upstream.firstByteTimeout() : LONGEST;
    }

    @Override
    public CompletionStage<Fetched> fetch(@Nullable String etag) {
        CompletableFuture<Fetched> fetched = new CompletableFuture<>();
        Request request = client.http()
                .newRequest(baseUrl)
                .path(baseUrl.getRawPath() + "/models")
                .headers(headers -> {
                    headers.put("Accept", "application/json").put("Accept-Encoding", "identity");
                    if (etag != null) {
                        headers.put("If-None-Match", etag);
                    }
                })
                .agent("Keyway")
                .timeout(limit.toNanos(), TimeUnit.NANOSECONDS);
        try {
            request.send(new Whole(fetched));
        } catch (RuntimeException e) {
            fetched.complete(failed(e));
        }
        return fetched.minimalCompletionStage();
    }

    private static final class Whole extends BufferingResponseListener {
        private final CompletableFuture<Fetched> fetched;

        Whole(CompletableFuture<Fetched> fetched) {
            super(Catalogue.MAX_LIST);
            this.fetched = fetched;
        }

        @Override
        public void onComplete(Result result) {
            int status = result.getResponse().getStatus();
            byte[] body = getContent();
            if (isTooLarge(result.getFailure())) {
                fetched.complete(new Fetched.Failed(
                        ErrorCode.UPSTREAM, "it has more than " + Catalogue.MAX_LIST / (1 << 20) + " MiB", false));
            } else if (result.isFailed()) {
                fetched.complete(failed(result.getFailure()));
            } else if (status == 304) {
                fetched.complete(new Fetched.NotModified());
            } else if (status == 200) {
                fetched.complete(new Fetched.Whole(
                        body == null ? new byte[0] : body,
                        result.getResponse().getHeaders().get("ETag")));
            } else {
                fetched.complete(
                        new Fetched.Failed(ErrorCode.UPSTREAM, "status " + status, status == 429 || status >= 500));
            }
        }
    }

    /** In the words of the listener, which has no type for it. */
    private static boolean isTooLarge(@Nullable Throwable failure) {
        return failure instanceof IllegalArgumentException
                && String.valueOf(failure.getMessage()).startsWith("Buffering capacity");
    }

    private static Fetched failed(@Nullable Throwable failure) {
        String reason = CallFailure.reason(failure);
        return switch (reason) {
            case CallFailure.TIMEOUT -> new Fetched.Failed(ErrorCode.TIMEOUT, reason, false);
            case CallFailure.BUSY -> new Fetched.Failed(ErrorCode.UNAVAILABLE, reason, true);
            default -> new Fetched.Failed(ErrorCode.UPSTREAM, reason, true);
        };
    }
}
