package dev.keyway.observe;

import java.net.URI;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.ConfigurationFactory;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.jspecify.annotations.Nullable;

/**
 * What log4j starts with, before Keyway's configuration is known: warnings to stderr, redacted. Named in
 * {@code log4j2.component.properties}, so it holds however a container loads the classes.
 */
public final class BootConfigurationFactory extends ConfigurationFactory {
    @Override
    protected String[] getSupportedTypes() {
        return new String[] {"*"};
    }

    @Override
    public Configuration getConfiguration(LoggerContext context, ConfigurationSource source) {
        return boot(context);
    }

    @Override
    public Configuration getConfiguration(LoggerContext context, String name, @Nullable URI location) {
        return boot(context);
    }

    static Configuration boot(LoggerContext context) {
        return new ConsoleConfiguration(context, Level.WARN, Map.of(), "", System.err::println);
    }
}
