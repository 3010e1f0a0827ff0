package dev.keyway.launch;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Routes that behave badly or wait; a waiting one is ended by the test, or says "cut" when the context ends. */
final class TestWiring implements ServletContextListener {
    static final String SECRET = "secret-of-the-exception";
    final BlockingQueue<AsyncContext> waiting = new LinkedBlockingQueue<>();
    final AtomicInteger destroyed = new AtomicInteger();

    @Override
    public void contextInitialized(ServletContextEvent event) {
        ServletContext context = event.getServletContext();
        ServletRegistration.Dynamic echo = context.addServlet("echo", new EchoServlet());
        echo.addMapping("/echo/*");
        ServletRegistration.Dynamic broken = context.addServlet("broken", new BrokenServlet());
        broken.addMapping("/broken");
        ServletRegistration.Dynamic wait = context.addServlet("wait", new WaitServlet());
        wait.addMapping("/wait");
        wait.setAsyncSupported(true);
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        destroyed.incrementAndGet();
        waiting.forEach(request -> end(request, "cut"));
    }

    static void end(AsyncContext request, String lastWord) {
        try {
            request.getResponse().getOutputStream().print(lastWord);
        } catch (IOException e) {
            throw new IllegalStateException("the client left", e);
        } finally {
            request.complete();
        }
    }

    private static final class EchoServlet extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.setHeader("Server", "Keyway");
            response.getOutputStream().print(request.getRequestURI() + " " + request.getPathInfo());
        }
    }

    private static final class BrokenServlet extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) {
            response.setHeader("X-Request-ID", "set-by-the-app");
            response.setHeader("Content-Encoding", "gzip");
            throw new IllegalStateException(SECRET);
        }
    }

    private final class WaitServlet extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            AsyncContext async = request.startAsync();
            async.setTimeout(0);
            response.getOutputStream().print("first ");
            response.flushBuffer();
            waiting.add(async);
        }
    }
}
