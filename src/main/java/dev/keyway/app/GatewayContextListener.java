package dev.keyway.app;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers {@code /health}, and 404 elsewhere. */
public final class GatewayContextListener implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        event.getServletContext().addServlet("all", new AllServlet()).addMapping("/*");
    }

    private static final class AllServlet extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.setHeader("Server", "Keyway");
            response.setStatus(request.getRequestURI().endsWith("/health") ? 200 : 404);
            response.setContentType("application/json");
            response.getOutputStream().print("{\"path\":\"" + request.getRequestURI() + "\"}");
        }
    }
}
