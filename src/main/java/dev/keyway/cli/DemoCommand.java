package dev.keyway.cli;

import dev.keyway.config.ConfigInputs;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code demo}: the gateway and a stand-in upstream, both on this machine, with keys that cost nothing. */
@Command(
        name = "demo",
        description = "Runs the gateway against a stand-in OpenRouter on this machine; needs no key and no network.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class,
        sortOptions = false)
final class DemoCommand implements Callable<Integer> {
    private final CommandContext context;
    private final Doors doors;

    @Mixin
    private DemoFlags flags = new DemoFlags();

    DemoCommand(CommandContext context, Doors doors) {
        this.context = context;
        this.doors = doors;
    }

    @Override
    public Integer call() {
        ConfigInputs inputs = ConfigInputs.standalone(flags.given(), Map.of(), Map.of(), context.workingFolder());
        return doors.demo(inputs, context);
    }
}
