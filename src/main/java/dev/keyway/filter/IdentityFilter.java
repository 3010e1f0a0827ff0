package dev.keyway.filter;

import dev.keyway.exchange.Header;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.filter.IdentityOptions.Field;
import dev.keyway.filter.IdentityOptions.Mode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells the upstream which app asks: {@code User-Agent}, {@code HTTP-Referer} and the title, each the client's own, the
 * one that is configured, or the default.
 *
 * <p>A header without a value counts as not sent. The title has two names, and a client's value under either is one; what
 * Keyway sets it sends under both, so that no older value stands beside it. A request with a key of the caller's own, or
 * without any, is left as it is: whose key it is says who asks.
 */
public final class IdentityFilter implements RequestFilter {
    private final List<Rule> rules;

    public IdentityFilter(IdentityOptions options) {
        this.rules = List.of(
                new Rule(options.userAgent(), "User-Agent"),
                new Rule(options.referer(), "HTTP-Referer"),
                new Rule(options.title(), "X-OpenRouter-Title", "X-Title"));
    }

    @Override
    public UpstreamRequest apply(UpstreamRequest request) {
        if (!request.client().usesPool()) {
            return request;
        }
        List<Header> headers = request.headers();
        for (Rule rule : rules) {
            headers = rule.apply(headers);
        }
        return headers == request.headers() ? request : request.withHeaders(headers);
    }

    /** What becomes of the header of these names. */
    private static final class Rule {
        private final List<String> names;
        private final boolean clientsWins;
        private final @Nullable String value;

        Rule(Field field, String... names) {
            this.names = List.of(names);
            this.clientsWins = field.mode() == Mode.PASSTHROUGH;
            this.value = field.mode() == Mode.OVERRIDE && field.overrideValue() != null
                    ? field.overrideValue()
                    : field.defaultValue();
        }

        /** The same list where nothing changes. */
        List<Header> apply(List<Header> headers) {
            boolean sent = false;
            boolean said = false;
            for (int i = 0; i < headers.size(); i++) {
                if (isOurs(headers.get(i))) {
                    sent = true;
                    said |= !headers.get(i).value().isBlank();
                }
            }
            boolean stays = clientsWins && said;
            boolean nothingToSay = value == null && !sent;
            return stays || nothingToSay ? headers : replaced(headers);
        }

        private List<Header> replaced(List<Header> headers) {
            List<Header> others = new ArrayList<>(headers.size() + names.size());
            for (Header header : headers) {
                if (!isOurs(header)) {
                    others.add(header);
                }
            }
            if (value != null) {
                for (String name : names) {
                    others.add(new Header(name, value));
                }
            }
            return others;
        }

        private boolean isOurs(Header header) {
            for (int i = 0; i < names.size(); i++) {
                if (header.is(names.get(i))) {
                    return true;
                }
            }
            return false;
        }
    }
}
