package dev.keyway.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code keys reactivate}. */
@Command(
        name = "reactivate",
        description = "Makes keys active, whatever they were, with nothing held against them.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class,
        sortOptions = false)
final class KeysReactivateCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin
    private KeyIds ids = new KeyIds();

    @Mixin
    private KeysFlags flags = new KeysFlags();

    KeysReactivateCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        List<String> given = ids.needed();
        return flags.withDesk(context, desk -> {
            KeysReport report = new KeysReport(context, flags.json());
            given.forEach(id -> report.change(desk, id, KeyChange.REACTIVATE, "is active"));
            return report.end();
        });
    }
}
