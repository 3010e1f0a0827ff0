package dev.keyway.upstream;

import dev.keyway.exchange.Exchange;
import dev.keyway.limit.BufferBudget;
import dev.keyway.limit.InFlight;
import dev.keyway.watch.ClientWatch;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Where the requests of servlets become runs of the attempt loop. */
public final class ServletDoors {
    private final AttemptLoop loop;
    private final BufferBudget budget;
    private final ClientWatch watch;

    /** @param watch tells of clients that leave while nothing is written to them */
    public ServletDoors(AttemptLoop loop, BufferBudget budget, ClientWatch watch) {
        this.loop = loop;
        this.budget = budget;
        this.watch = watch;
    }

    /**
     * Takes a request over, asynchronously; to be the last that its servlet does with it.
     *
     * @param pipeline what the request goes by
     */
    public void open(
            HttpServletRequest request,
            HttpServletResponse response,
            Exchange exchange,
            Pipeline pipeline,
            Passage passage)
            throws IOException {
        new ServletDoor(request, response, exchange, loop, pipeline, passage, watch).open(budget, hasContent(request));
    }

    /**
     * To be asked first by each servlet that opens doors, since an answer that broke off is dispatched to it once more.
     *
     * @throws IOException that closes the connection, when this is such a one
     */
    public static void closeIfTorn(HttpServletRequest request) throws IOException {
        if (request.getAttribute(UpstreamServlet.TEAR) != null) {
            // Jetty tells no listener of an asynchronous request that ends like this.
            if (request.getAttribute(InFlight.Slot.ATTRIBUTE) instanceof InFlight.Slot slot) {
                slot.close();
            }
            throw new UpstreamServlet.TornException();
        }
    }

    /** By its framing alone: many clients send a content type with a GET that has no body. */
    static boolean hasContent(HttpServletRequest request) {
        return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
    }
}
