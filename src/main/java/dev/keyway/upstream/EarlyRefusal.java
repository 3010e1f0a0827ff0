package dev.keyway.upstream;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The end of a request that was refused by its head while its body is still coming: the answer goes out at once, the
 * body is read on for a while ({@link Leftover}), then the exchange ends. No thread waits for either.
 */
public final class EarlyRefusal {
    private EarlyRefusal() {}

    /** Takes over a response whose head is set, with the length of {@code body}, and to which nothing was written. */
    public static void send(
            HttpServletRequest request, HttpServletResponse response, byte[] body, ScheduledExecutorService timer)
            throws IOException {
        boolean tomcat = request.getServletContext().getServerInfo().contains("Tomcat");
        AsyncContext async = request.startAsync();
        async.setTimeout(0);
        ServletOutputStream output = response.getOutputStream();
        ClientWriter writer = new ClientWriter(async, output, tomcat, written -> {}, gone -> {}, () -> {});
        async.addListener(writer);
        output.setWriteListener(writer);
        Leftover rest = new Leftover(request, null, timer);
        rest.listen();
        rest.refuse(writer, body, () -> {});
    }
}
