package dev.keyway.catalogue;

import dev.keyway.access.RoutePath;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.OwnAnswer;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers what is asked of the list of models, and hands all else on to the proxy behind it: other paths, filters of the
 * list that only the upstream knows, {@code OPTIONS}, and everything while {@code openrouter.enable_cache} is false.
 *
 * <p>Throws {@link ApiException}: 400 for wrong parameters, 405. To be registered behind the access filter, with async
 * support, for the dispatch type {@code REQUEST} only.
 */
public final class CatalogueFilter implements Filter {
    /** Every path that is answered here, {@code {…}} for what differs, without its prefix. */
    public static final List<String> PATHS = ModelsRoute.PATHS;

    private static final String METHODS = "GET, HEAD, OPTIONS";
    private static final int SHOWN_METHOD = 20;

    /** Of a client that reads slowly, and of the wait before it. */
    private static final Duration WITHIN = Duration.ofMinutes(2);

    private final Catalogue catalogue;
    private final Function<HttpServletRequest, CatalogueOptions> options;

    /** @param options those that a request is served by */
    public CatalogueFilter(Catalogue catalogue, Function<HttpServletRequest, CatalogueOptions> options) {
        this.catalogue = catalogue;
        this.options = options;
    }

    @Override
    public void doFilter(ServletRequest servletRequest, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) servletRequest;
        CatalogueOptions own = options.apply(request);
        if (!own.enabled()) {
            chain.doFilter(request, response);
            return;
        }
        Answers.Question question = new Answers.Question(
                ModelsRoute.of(RoutePath.given(request)), request.getRequestURI(), request.getQueryString());
        String method = request.getMethod();
        boolean reading = method.equals("GET") || method.equals("HEAD");
        // The proxy answers or refuses these the same everywhere.
        boolean general = method.equals("OPTIONS") || method.equals("TRACE") || method.equals("CONNECT");
        if (general || (reading && !question.isOurs()) || question.route() instanceof ModelsRoute.Elsewhere) {
            chain.doFilter(request, response);
            return;
        }
        if (!reading) {
            throw new ApiException(
                            ErrorCode.METHOD_NOT_ALLOWED,
                            "Method " + method.substring(0, Math.min(method.length(), SHOWN_METHOD))
                                    + " is not allowed here; allowed: " + METHODS)
                    .withHeader("Allow", METHODS);
        }
        Answers.check(question, own);
        start(request, (HttpServletResponse) response, question, own);
    }

    private void start(
            HttpServletRequest request, HttpServletResponse response, Answers.Question question, CatalogueOptions own) {
        Exchange exchange = (Exchange)
                Objects.requireNonNull(request.getAttribute(Exchange.ATTRIBUTE), "the first filter makes the exchange");
        // Fails where no filter has decided who this is: nothing here is open by a forgotten line.
        exchange.client();
        String known = request.getHeader("If-None-Match");
        OwnAnswer answer = OwnAnswer.begin(
                request, response, exchange, WITHIN, "OpenRouter's list of models did not come in time");
        var unused = catalogue
                .look(own.ttl())
                .thenApply(look -> Reply.of(question, look, own, known))
                .whenComplete((content, failure) ->
                        answer.send(content == null ? OwnAnswer.Content.of(error(failure), exchange) : content));
    }

    private static ApiException error(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof ApiException known
                ? known
                : new ApiException(ErrorCode.INTERNAL, "Keyway failed on this request", cause);
    }
}
