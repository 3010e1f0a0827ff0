package dev.keyway.access;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code cors.allowed_origins}; the entry {@code *} allows every origin. */
final class AllowedOrigins {
    private final boolean all;
    private final Set<Origin> listed;

    AllowedOrigins(List<String> configured) {
        all = configured.contains("*");
        listed = configured.stream()
                .map(Origin::parse)
                .flatMap(Optional::stream)
                .collect(Collectors.toUnmodifiableSet());
    }

    boolean isEmpty() {
        return !all && listed.isEmpty();
    }

    boolean contain(String origin) {
        return all || Origin.parse(origin).filter(listed::contains).isPresent();
    }
}
