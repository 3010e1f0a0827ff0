package dev.keyway.cli;

import dev.keyway.access.Peer;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/** Addresses of gateways. */
final class GatewayUrl {
    private GatewayUrl() {}

    /** Empty when the text is no http or https address, or has more than host, port and path. */
    static Optional<URI> parse(String text) {
        try {
            URI url = new URI(text.strip());
            String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
            boolean plain = url.getHost() != null
                    && url.getRawUserInfo() == null
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null;
            return plain && (scheme.equals("http") || scheme.equals("https")) ? Optional.of(url) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** Whether it means this machine; nothing is looked up. */
    static boolean isLocal(URI url) {
        return new Peer("127.0.0.1", url.getRawAuthority(), url.getScheme(), false).isLocal();
    }
}
