package dev.keyway.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.wire.JsonBody;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When a model is free: its id ends in {@code :free}; or both prices that every model has are there, and each price of
 * {@link #COUNTED} that is there is the number zero. {@code -1}, which means that it depends, is a price.
 */
final class Prices {
    private static final String FREE_VARIANT = ":free";
    private static final List<String> COUNTED =
            List.of("prompt", "completion", "request", "image", "web_search", "internal_reasoning");

    private Prices() {}

    /** Whether the id alone says so. */
    static boolean freeByName(String id) {
        return id.endsWith(FREE_VARIANT) && id.indexOf(':') == id.length() - FREE_VARIANT.length();
    }

    static boolean free(String id, JsonBody pricing) {
        return freeByName(id)
                || (pricing.has("prompt")
                        && pricing.has("completion")
                        && COUNTED.stream().allMatch(name -> isZero(pricing.node(name))));
    }

    private static boolean isZero(@Nullable JsonNode price) {
        if (price == null) {
            return true;
        }
        if (price.isNumber()) {
            return price.decimalValue().signum() == 0;
        }
        try {
            return price.isTextual() && new BigDecimal(price.textValue().strip()).signum() == 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
