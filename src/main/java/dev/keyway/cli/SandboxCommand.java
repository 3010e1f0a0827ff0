package dev.keyway.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sandbox}: the stand-in OpenRouter alone, to develop against without money. */
@Command(
        name = "sandbox",
        description = "Runs a stand-in OpenRouter to develop against; it costs nothing and needs no network.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class,
        sortOptions = false)
final class SandboxCommand implements Callable<Integer> {
    private final CommandContext context;
    private final Doors doors;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(names = "--host", paramLabel = "NAME", defaultValue = "127.0.0.1", description = "Default 127.0.0.1.")
    private String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "N", defaultValue = "0", description = "Default 0: any free one, printed.")
    private int port;

    @Option(names = "--tls", description = "HTTPS, with a certificate made for the occasion.")
    private boolean tls;

    SandboxCommand(CommandContext context, Doors doors) {
        this.context = context;
        this.doors = doors;
    }

    @Override
    public Integer call() {
        if (port < 0 || port > 65535) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--port: " + port + " is out of range: 0 to 65535");
        }
        return doors.sandbox(new Doors.SandboxFlags(host, port, tls), context);
    }
}
