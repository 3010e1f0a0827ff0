package dev.keyway.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code keys}: only its subcommands do something. */
@Command(
        name = "keys",
        description = "Looks after the upstream keys: through the gateway that runs in the home folder, or in its key"
                + " file while none does.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class)
final class KeysCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    /** The command with its subcommands. */
    static CommandLine line(CommandContext context) {
        return new CommandLine(new KeysCommand())
                .addSubcommand(new KeysAddCommand(context))
                .addSubcommand(new KeysListCommand(context))
                .addSubcommand(new KeysTestCommand(context))
                .addSubcommand(new KeysDisableCommand(context))
                .addSubcommand(new KeysReactivateCommand(context))
                .addSubcommand(new KeysRemoveCommand(context))
                .addSubcommand(new KeysHashCommand(context))
                .addSubcommand(new KeysImportCommand(context));
    }

    @Override
    public Integer call() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "keys needs one of: " + String.join(", ", spec.subcommands().keySet()));
    }
}
