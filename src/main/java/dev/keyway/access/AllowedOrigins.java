package dev.keyway.access;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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

    /** Whether an origin stands there by its name, not only by {@code *}. */
    boolean name(String origin) {
        return Origin.parse(origin).filter(listed::contains).isPresent();
    }

    /** Whether a request comes from a web page of another origin than the one it was sent to. */
    static boolean isForeign(@Nullable String origin, Peer peer) {
        if (origin == null) {
            return false;
        }
        Optional<Origin> own =
                peer.host() == null ? Optional.empty() : Origin.parse(peer.scheme() + "://" + peer.host());
        return own.isEmpty() || !own.equals(Origin.parse(origin));
    }
}
