package dev.keyway.upstream;

import dev.keyway.exchange.Header;
import dev.keyway.watch.ClientAddress;
import dev.keyway.watch.ClientWatch;
import dev.keyway.watch.ClientWatch.Watch;
import dev.keyway.watch.Departure;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/** Has a request's client watched until the request is over. */
final class ClientPresence implements AsyncListener {
    /** May hold the client's address without having been the reason that the container tells it. */
    private static final Set<String> OWN_ADDRESSES = Set.of("host", "origin", "referer");

    private final Watch watch;

    private ClientPresence(Watch watch) {
        this.watch = watch;
    }

    /** Begins; ends by itself when the container ends the request. */
    static ClientPresence begin(
            ClientWatch watch,
            HttpServletRequest request,
            List<Header> headers,
            AsyncContext async,
            Consumer<Departure> onGone) {
        ClientPresence presence = new ClientPresence(begin(watch, request, headers, onGone));
        async.addListener(presence);
        return presence;
    }

    private static Watch begin(
            ClientWatch watch, HttpServletRequest request, List<Header> headers, Consumer<Departure> onGone) {
        // Containers read on under HTTP/2, and one connection holds many requests.
        if (!request.getProtocol().startsWith("HTTP/1.")) {
            return () -> {};
        }
        String remote = orEmpty(request.getRemoteAddr());
        ClientAddress address = new ClientAddress(
                orEmpty(request.getLocalAddr()), request.getLocalPort(), remote, request.getRemotePort());
        return watch.watch(address, () -> headers.stream().anyMatch(header -> mayBringAddress(header, remote)), onGone);
    }

    /** Whether a container may have taken the address from this header. */
    private static boolean mayBringAddress(Header header, String address) {
        String name = header.name().toLowerCase(Locale.ROOT);
        return name.contains("forwarded") || (header.value().contains(address) && !OWN_ADDRESSES.contains(name));
    }

    @SuppressWarnings("NullAway") // a container has no address for a Unix socket
    private static String orEmpty(String text) {
        return text == null ? "" : text;
    }

    void end() {
        watch.close();
    }

    @Override
    public void onComplete(AsyncEvent event) {
        end();
    }

    @Override
    public void onError(AsyncEvent event) {
        end();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        // The container stops; the answer still ends in order.
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // Told of a second cycle, which there is none of.
    }
}
