package dev.keyway.filter;

/**
 * What the request filters write.
 *
 * @param providerField {@code slug.provider_field}: where a {@code $provider} tag goes
 * @param usageInjection {@code usage_injection}: whether {@code usage.include} is set
 * @param session {@code openrouter.key_selection_opts: [session]}: requests of one conversation are told to the pool
 */
public record FilterOptions(ProviderField providerField, boolean usageInjection, boolean session) {
    public static final FilterOptions DEFAULTS = new FilterOptions(ProviderField.BOTH, true, false);

    /** {@code provider.only} restricts, {@code provider.order} prefers, both do both. */
    public enum ProviderField {
        BOTH,
        ONLY,
        ORDER
    }
}
