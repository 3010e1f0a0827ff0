package dev.keyway.cli;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keys remove}. */
@Command(
        name = "remove",
        description = "Forgets keys that were added; those of the configuration can only be disabled.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class,
        sortOptions = false)
final class KeysRemoveCommand implements Callable<Integer> {
    private final CommandContext context;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Mixin
    private KeyIds ids = new KeyIds();

    @Option(names = "--yes", description = "Does not ask.")
    private boolean yes;

    @Mixin
    private KeysFlags flags = new KeysFlags();

    KeysRemoveCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        List<String> given = ids.needed();
        if (!yes && !agreed(given)) {
            context.err().println("nothing was removed");
            context.err().flush();
            return ExitCodes.REFUSED;
        }
        return flags.withDesk(context, desk -> {
            KeysReport report = new KeysReport(context, flags.json());
            given.forEach(id -> report.change(desk, id, KeyChange.REMOVE, "removed"));
            return report.end();
        });
    }

    private boolean agreed(List<String> given) {
        if (!context.terminal().isPresent()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "there is no terminal to ask at; --yes removes without asking");
        }
        String answer = context.terminal()
                .ask("Remove " + String.join(", ", given) + "? Keyway forgets " + (given.size() == 1 ? "it" : "them")
                        + " [y/N] ")
                .orElse("");
        return Set.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
    }
}
