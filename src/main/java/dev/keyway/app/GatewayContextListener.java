package dev.keyway.app;

import dev.keyway.config.ConfigSource;
import dev.keyway.keys.SteadyClock;
import dev.keyway.upstream.SelectorHost;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/** The one door of every servlet container: makes the gateway when its context starts, closes it when that stops. */
public final class GatewayContextListener implements ServletContextListener, AutoCloseable {
    /** Attribute of a context: a {@code Supplier<String>} of why its server takes no further clients now, empty while it does. */
    public static final String CLIENTS_REFUSED = "dev.keyway.clients-refused";

    private static final Logger LOG = LogManager.getLogger(GatewayContextListener.class);
    private final @Nullable ConfigSource given;
    private volatile @Nullable Gateway gateway;
    private volatile @Nullable Thread onExit;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** For a container: the configuration is found by the context's name. */
    public GatewayContextListener() {
        this.given = null;
    }

    /** For the standalone server, which has read its configuration already. */
    public GatewayContextListener(ConfigSource loaded) {
        this.given = loaded;
    }

    @Override
    public void contextInitialized(ServletContextEvent event) {
        ServletContext context = event.getServletContext();
        ConfigSource source = given == null ? ContainerConfig.load(context) : given;
        try {
            InstantSource clock = InstantSource.system();
            Gateway made = new Gateway(
                    source,
                    clock,
                    new SteadyClock(clock.instant(), System::nanoTime),
                    given == null ? context.getContextPath() : null,
                    (SelectorHost) context.getAttribute(SelectorHost.ATTRIBUTE));
            if (context.getAttribute(CLIENTS_REFUSED) instanceof Supplier<?> reason) {
                made.watch("clients", () -> String.valueOf(reason.get()));
            }
            made.install(context);
            gateway = made;
            if (given == null) {
                onExit = endRequestsAtExit(made);
                made.report(List.of());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /**
     * At a SIGTERM containers close connections or give up on running requests before they tell the context; what they
     * wait for meanwhile must come to its end by itself.
     */
    private static Thread endRequestsAtExit(Gateway made) {
        Thread hook = new Thread(made::endRequests, "keyway-exit");
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    /** Else the class loader of an undeployed context could never go. */
    private void forgetExit() {
        Thread hook = onExit;
        onExit = null;
        if (hook != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException exiting) {
                LOG.debug("the exit has begun: {}", exiting.toString());
            }
        }
    }

    /** Says what started, where the addresses are known only after the context did. */
    public void report(List<String> addresses) {
        Gateway made = gateway;
        if (made != null) {
            made.report(addresses);
        }
    }

    /** The first part of a stop that can be waited for: {@link Gateway#announceStop}. */
    public void announceStop() {
        Gateway made = gateway;
        if (made != null) {
            made.announceStop();
        }
    }

    /** Reads the configuration again: {@link Gateway#reload}. */
    public void reload() {
        Gateway made = gateway;
        if (made != null) {
            made.reload();
        }
    }

    /** A stop that is under way waits for nothing any more: {@link Gateway#hurry}. */
    public void hurry() {
        Gateway made = gateway;
        if (made != null) {
            made.hurry();
        }
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        close();
    }

    /** Ends the gateway before its context ends, so that running requests can end while the server still serves. */
    @Override
    public void close() {
        Gateway made = gateway;
        if (made != null && !closed.getAndSet(true)) {
            forgetExit();
            made.close();
        }
    }
}
