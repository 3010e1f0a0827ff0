package dev.keyway.access;

import org.jspecify.annotations.Nullable;

/**
 * Who may administer.
 *
 * @param secret {@code admin.secret}; null: only local requests may
 */
public record AdminOptions(@Nullable AccessKey secret) {
    public static final AdminOptions DEFAULTS = new AdminOptions(null);
}
