package dev.keyway.app;

import dev.keyway.config.GatewayConfig;
import dev.keyway.filter.AliasFilter;
import dev.keyway.filter.FailoverFilter;
import dev.keyway.filter.FreeOnlyFilter;
import dev.keyway.filter.IdentityFilter;
import dev.keyway.filter.ModelsFilter;
import dev.keyway.filter.RequestFilter;
import dev.keyway.filter.SessionFilter;
import dev.keyway.filter.SlugFilter;
import dev.keyway.filter.UsageFilter;
import jakarta.servlet.Filter;
import java.util.List;
import java.util.function.Predicate;

/**
 * The whole chain a request of the data API passes, as data, in order: what is listed is what is installed.
 *
 * @param links first to last
 */
public record Chain(List<Link> links) {
    public Chain {
        links = List.copyOf(links);
    }

    /** When a link acts. */
    public enum Stage {
        /** On the request's head, before a byte of its body is read. */
        HEAD,
        /** On the body, before a key is chosen. */
        BODY,
        /** On each attempt to reach the upstream. */
        ATTEMPT
    }

    /** One step: its name as README draws it, when it acts, and what it is. */
    public sealed interface Link {
        String name();

        Stage stage();

        /** A servlet filter. */
        record Head(String name, Filter filter) implements Link {
            @Override
            public Stage stage() {
                return Stage.HEAD;
            }
        }

        /** A request filter. */
        record Body(String name, RequestFilter filter) implements Link {
            @Override
            public Stage stage() {
                return Stage.BODY;
            }
        }

        /** Done by the attempt loop itself. */
        record Attempt(String name) implements Link {
            @Override
            public Stage stage() {
                return Stage.ATTEMPT;
            }
        }
    }

    /**
     * The chain of every gateway; a new filter gets its place here.
     *
     * @param free whether a model is known to cost nothing
     */
    static Chain standard(
            Filter access,
            Filter rates,
            Filter limits,
            Filter catalogue,
            Predicate<String> free,
            GatewayConfig config) {
        return new Chain(List.of(
                new Link.Head("access", access),
                new Link.Head("rate limits", rates),
                new Link.Head("limits", limits),
                new Link.Head("catalogue", catalogue),
                new Link.Body("session", new SessionFilter(config.filter())),
                new Link.Body("alias", new AliasFilter(config.route())),
                new Link.Body("slug", new SlugFilter(config.filter())),
                new Link.Body("failover", new FailoverFilter(config.route())),
                new Link.Body("models", new ModelsFilter()),
                new Link.Body(
                        "free models", new FreeOnlyFilter(config.catalogue().freeOnlyEnforced(), free)),
                new Link.Body("usage", new UsageFilter(config.filter())),
                new Link.Body("identity", new IdentityFilter(config.identity())),
                new Link.Attempt("key selection")));
    }

    /** The links that are servlet filters, in order. */
    List<Link.Head> heads() {
        return links.stream()
                .filter(Link.Head.class::isInstance)
                .map(Link.Head.class::cast)
                .toList();
    }

    /** The request filters, in order. */
    List<RequestFilter> requestFilters() {
        return links.stream()
                .filter(Link.Body.class::isInstance)
                .map(link -> ((Link.Body) link).filter())
                .toList();
    }
}
