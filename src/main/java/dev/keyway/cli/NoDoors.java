package dev.keyway.cli;

import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigResult;

/** A command line without a server behind it: checks and shows configurations, refuses to start anything. */
final class NoDoors implements Doors {
    @Override
    public int gateway(ConfigResult.Loaded loaded, CommandContext context) {
        return refuse(context);
    }

    @Override
    public int demo(ConfigInputs inputs, CommandContext context) {
        return refuse(context);
    }

    @Override
    public int sandbox(SandboxFlags flags, CommandContext context) {
        return refuse(context);
    }

    private static int refuse(CommandContext context) {
        context.err().println("this build holds no server; it can check and show configurations");
        context.err().flush();
        return ExitCodes.REFUSED;
    }
}
