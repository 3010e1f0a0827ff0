package dev.keyway.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code keys disable}. */
@Command(
        name = "disable",
        description = "Puts keys out until they are made active again; requests that run with them may end.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class,
        sortOptions = false)
final class KeysDisableCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin
    private KeyIds ids = new KeyIds();

    @Mixin
    private KeysFlags flags = new KeysFlags();

    KeysDisableCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        List<String> given = ids.needed();
        return flags.withDesk(context, desk -> {
            KeysReport report = new KeysReport(context, flags.json());
            given.forEach(id -> report.change(desk, id, KeyChange.DISABLE, "disabled"));
            return report.end();
        });
    }
}
