package dev.keyway.observe;

import java.io.PrintStream;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.jspecify.annotations.Nullable;

/**
 * The console: Keyway's and its libraries' lines, redacted, on standard output. Only the log4j that was loaded beside
 * this class is touched; a container's own logging is not.
 *
 * <p>Lines are written by a thread of its own behind a queue of 8,192; more are dropped, so that a stuck console stops
 * nobody.
 */
public final class Logging implements AutoCloseable {
    private static final long SETTLE_NANOS = 1_000_000_000L;

    private final LoggerContext context;
    private final Mailbox<String> mailbox;

    private Logging(LoggerContext context, Mailbox<String> mailbox) {
        this.context = context;
        this.mailbox = mailbox;
    }

    /**
     * Sets levels and console; {@link #close} ends it, to be called last of all at undeploy or exit.
     *
     * @param context the path of the context whose lines these are, on a console that it shares; null: no other's
     */
    public static Logging configure(LogOptions options, @Nullable String context) {
        return configure(options, context, System.out);
    }

    static Logging configure(LogOptions options, PrintStream out) {
        return configure(options, null, out);
    }

    static Logging configure(LogOptions options, @Nullable String path, PrintStream out) {
        LoggerContext context = (LoggerContext) LogManager.getContext(Logging.class.getClassLoader(), false);
        Mailbox<String> mailbox = new Mailbox<>("keyway-console", Mailbox.CAPACITY, new Printer(out));
        String place = path == null ? "" : "[" + (path.isEmpty() ? "/" : path) + "] ";
        context.start(new ConsoleConfiguration(context, Level.INFO, levelsOf(options), place, mailbox::offer));
        return new Logging(context, mailbox);
    }

    private static Map<String, Level> levelsOf(LogOptions options) {
        return Map.of(
                "dev.keyway", Level.toLevel(options.level(), Level.INFO),
                "org.eclipse.jetty", Level.toLevel(options.httpLevel(), Level.INFO));
    }

    /** Sets the levels anew; nothing that is being logged is lost. */
    public void levels(LogOptions options) {
        levelsOf(options)
                .forEach((name, level) ->
                        context.getConfiguration().getLoggerConfig(name).setLevel(level));
        context.updateLoggers();
    }

    /** Waits until the console shows what was logged so far, at most a second: for text that is to stand after it. */
    public void settle() {
        mailbox.settle(SETTLE_NANOS);
    }

    /** Writes what waits, for at most 2 s; later only warnings are written, as before the configuration. */
    @Override
    public void close() {
        // Not stopped: log4j forgets a stopped context, and loggers in static fields would stay silent for good.
        context.start(BootConfigurationFactory.boot(context));
        mailbox.close();
    }

    private record Printer(PrintStream out) implements Mailbox.Reader<String> {
        @Override
        public void read(String line) {
            out.println(line);
        }

        @Override
        public void rest() {
            out.flush();
        }

        @Override
        public void dropped(long count) {
            out.println("console lines dropped: lines=" + count);
        }
    }
}
