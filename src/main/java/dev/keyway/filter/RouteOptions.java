package dev.keyway.filter;

import com.google.re2j.Pattern;
import dev.keyway.slug.AliasRule;
import dev.keyway.slug.ModelPattern;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which model a request goes to, whatever name it was asked for by.
 *
 * @param aliases {@code model_aliases}: the first that matches counts
 * @param forceModel {@code force_model}: in place of every model; null: none. It may carry tags and parameters
 * @param staticRoute {@code static_route}: the same without {@code openrouter:}, except where a client names the backend
 *     itself; null: none
 * @param failover {@code failover}: the first whose {@code when} the model is counts
 */
public record RouteOptions(
        List<AliasRule> aliases,
        @Nullable String forceModel,
        @Nullable String staticRoute,
        List<RouteOptions.Failover> failover) {
    public static final RouteOptions DEFAULTS = new RouteOptions(List.of(), null, null, List.of());

    public RouteOptions {
        aliases = List.copyOf(aliases);
        failover = List.copyOf(failover);
    }

    /**
     * One line of {@code failover}: which models it is for, and which ones the upstream tries when such a one fails.
     *
     * @param when a model's name; with any character that no name has, an RE2 pattern that must take all of it
     * @param to names of models in order; bare ones
     */
    public record Failover(String when, List<String> to) {
        public static final int MAX_TO = 10;
        private static final int MAX_WHEN = 500;
        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:/@~-]+");

        /**
         * Checks a rule.
         *
         * @throws IllegalArgumentException when {@code when} is too long or no pattern that {@link ModelPattern} takes; the
         *     message tells
         */
        public Failover {
            to = List.copyOf(to);
            if (when.isBlank() || when.length() > MAX_WHEN) {
                throw new IllegalArgumentException("when is not 1 to " + MAX_WHEN + " characters");
            }
            compiled(when);
        }

        private static Pattern compiled(String when) {
            try {
                return ModelPattern.compile(NAME.matches(when) ? Pattern.quote(when) : when);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("when: " + e.getMessage(), e);
            }
        }

        Pattern pattern() {
            return compiled(when);
        }
    }
}
