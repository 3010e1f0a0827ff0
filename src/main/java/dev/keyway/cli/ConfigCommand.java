package dev.keyway.cli;

import dev.keyway.config.ConfigResult;
import dev.keyway.config.ConfigSchema;
import dev.keyway.config.SettingValue;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code config}: only its subcommands do something. */
@Command(
        name = "config",
        description = "Shows the settings as they stand or their schema, or compares a file with a running gateway.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class)
final class ConfigCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new CommandLine.ParameterException(spec.commandLine(), "config needs one of: show, schema, diff");
    }

    /** {@code config show}. */
    @Command(
            name = "show",
            description = "Every setting as it stands and where it comes from; secrets only as ids.",
            mixinStandardHelpOptions = true,
            versionProvider = KeywayCommand.Version.class,
            sortOptions = false)
    static final class Show implements Callable<Integer> {
        private final CommandContext context;

        @Mixin
        private ConfigFlags flags = new ConfigFlags();

        Show(CommandContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            return flags.load(context, this::print);
        }

        private int print(ConfigResult.Loaded loaded) {
            for (SettingValue setting : loaded.config().settings()) {
                context.out().println(setting.path() + ": " + setting.value() + "  # " + setting.source());
            }
            context.out().flush();
            return ExitCodes.DONE;
        }
    }

    /** {@code config schema}. */
    @Command(
            name = "schema",
            description = "The settings as JSON Schema, for editors.",
            mixinStandardHelpOptions = true,
            versionProvider = KeywayCommand.Version.class)
    static final class Schema implements Callable<Integer> {
        private final CommandContext context;

        Schema(CommandContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            context.out().println(ConfigSchema.json());
            context.out().flush();
            return ExitCodes.DONE;
        }
    }
}
