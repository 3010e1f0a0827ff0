package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.util.ShutdownCallbackRegistry;
import org.apache.logging.log4j.util.PropertiesUtil;
import org.apache.logging.log4j.web.Log4jServletContainerInitializer;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LoggingInWebAppTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void first_and_last_line_of_a_deployment_are_written() throws Exception {
        Server server = new Server();
        ServletContextHandler context = new ServletContextHandler();
        context.setInitParameter("isLog4jAutoInitializationDisabled", "true");
        context.addServletContainerInitializer(new Log4jServletContainerInitializer());
        context.addEventListener(new Deployment());
        server.setHandler(context);

        server.start();
        server.stop();

        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains(": deployed", ": undeployed");
    }

    @Test
    void log4j_leaves_no_hook_in_the_process() {
        boolean enabled =
                PropertiesUtil.getProperties().getBooleanProperty(ShutdownCallbackRegistry.SHUTDOWN_HOOK_ENABLED, true);

        assertThat(enabled).describedAs("read from log4j2.component.properties").isFalse();
    }

    /** What the gateway's listener does: logging first at the start, last at the end. */
    private final class Deployment implements ServletContextListener {
        private @Nullable Logging logging;

        @Override
        public void contextInitialized(ServletContextEvent event) {
            logging = Logging.configure(LogOptions.DEFAULTS, out);
            LogManager.getLogger("dev.keyway.app").info("deployed");
        }

        @Override
        public void contextDestroyed(ServletContextEvent event) {
            LogManager.getLogger("dev.keyway.app").info("undeployed");
            if (logging != null) {
                logging.close();
            }
        }
    }
}
