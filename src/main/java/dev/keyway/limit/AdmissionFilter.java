package dev.keyway.limit;

import dev.keyway.wire.ApiException;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;

/**
 * Gives each request its place in {@link InFlight} until it is over, asynchronous ones included.
 *
 * <p>Throws {@link ApiException} 503 when there is none. To be registered with async support, for the dispatch type
 * {@code REQUEST} only.
 */
public final class AdmissionFilter implements Filter {
    private final InFlight inFlight;

    public AdmissionFilter(InFlight inFlight) {
        this.inFlight = inFlight;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        InFlight.Slot slot = inFlight.enter();
        request.setAttribute(InFlight.Slot.ATTRIBUTE, slot);
        boolean handedOn = false;
        try {
            chain.doFilter(request, response);
            handedOn = closesLater(request, slot);
        } finally {
            if (!handedOn) {
                slot.close();
            }
        }
    }

    private static boolean closesLater(ServletRequest request, InFlight.Slot slot) {
        if (!request.isAsyncStarted()) {
            return false;
        }
        try {
            request.getAsyncContext().addListener(new CloseAtEnd(slot));
            return true;
        } catch (IllegalStateException completedMeanwhile) {
            return false;
        }
    }

    private record CloseAtEnd(InFlight.Slot slot) implements AsyncListener {
        @Override
        public void onComplete(AsyncEvent event) {
            slot.close();
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            slot.close();
        }

        @Override
        public void onError(AsyncEvent event) {
            slot.close();
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            // A new async cycle forgets the listeners of the one before.
            event.getAsyncContext().addListener(this);
        }
    }
}
