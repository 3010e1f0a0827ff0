package dev.keyway.observe;

import java.time.ZoneId;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.AbstractConfiguration;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.apache.logging.log4j.core.config.LoggerConfig;

/**
 * The whole of log4j's configuration, in code: one console, a level for everything and levels for some loggers. No
 * plugin is looked up, no file watched, no shutdown hook set: the one who configured it stops it.
 */
final class ConsoleConfiguration extends AbstractConfiguration {
    private final Level root;
    private final Map<String, Level> levels;
    private final ConsoleAppender console;

    /** @param place stands before the logger's name in each line, with its own blank */
    ConsoleConfiguration(
            LoggerContext context, Level root, Map<String, Level> levels, String place, Consumer<String> sink) {
        super(context, ConfigurationSource.NULL_SOURCE);
        this.root = root;
        this.levels = Map.copyOf(levels);
        this.console = new ConsoleAppender(ZoneId.systemDefault(), place, sink);
        this.isShutdownHookEnabled = false;
        setName("keyway");
        // Else log4j looks up this machine's own name, which may ask the network and wait for it.
        getProperties().put("hostName", "localhost");
    }

    @Override
    public void initialize() {
        doConfigure();
        setState(State.INITIALIZED);
    }

    @Override
    protected void doConfigure() {
        addAppender(console);
        getRootLogger().setLevel(root);
        getRootLogger().addAppender(console, null, null);
        levels.forEach((name, level) -> addLogger(name, new LoggerConfig(name, level, true)));
    }
}
