package dev.keyway.cli;

import dev.keyway.access.AccessSummary;
import dev.keyway.config.ConfigResult;
import dev.keyway.config.GatewayConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code check}: is the configuration valid, and what would be open to whom. */
@Command(
        name = "check",
        description = "Checks the configuration and says what would be open to whom; starts nothing.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class,
        sortOptions = false)
final class CheckCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin
    private ConfigFlags flags = new ConfigFlags();

    CheckCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        return flags.load(context, this::print);
    }

    private int print(ConfigResult.Loaded loaded) {
        GatewayConfig config = loaded.config();
        String read = config.sources().isEmpty() ? "defaults only" : String.join(", ", config.sources());
        context.out().println("The configuration is valid: " + read + ".");
        context.out().println("Home: " + config.home() + (config.homeWritable() ? "" : " (not writable)"));
        context.out()
                .println("Address of the standalone server: " + config.server().host() + ", port "
                        + config.server().port());
        context.out()
                .println("Upstream: " + config.upstream().baseUrl() + ", keys in the pool: "
                        + config.keys().keys().size());
        AccessSummary access = AccessSummary.of(
                        config.access(), !config.keys().keys().isEmpty())
                .with(config.admin(), config.metricsAccess(), config.proxies());
        access.warnings().forEach(line -> context.out().println("WARNING: " + line));
        access.lines().forEach(line -> context.out().println("Access: " + line));
        context.out().flush();
        return ExitCodes.DONE;
    }
}
