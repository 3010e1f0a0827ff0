package dev.keyway.filter.tag;

import dev.keyway.exchange.Api;
import java.util.List;

/**
 * Where tags write to.
 *
 * @param api the API whose request it is; one that takes tags
 * @param providerLists the members of {@code provider} that take a provider's slug: {@code only}, {@code order} or both
 */
public record TagTarget(Api api, List<String> providerLists) {
    public TagTarget {
        providerLists = List.copyOf(providerLists);
    }
}
