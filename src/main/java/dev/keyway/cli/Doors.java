package dev.keyway.cli;

import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigSource;

/**
 * What the command line starts. Each call returns the exit code after the thing has stopped: 0 done, 1 refused to start.
 */
public interface Doors {
    /** Runs the gateway until it is told to stop; the warnings have been printed. */
    int gateway(ConfigSource loaded, CommandContext context);

    /**
     * Runs the gateway against a stand-in upstream on this machine.
     *
     * @param inputs the flags given, without the process environment, so that no real key can be used
     */
    int demo(ConfigInputs inputs, CommandContext context);

    /** Runs the stand-in upstream alone. */
    int sandbox(SandboxFlags flags, CommandContext context);

    /**
     * Where the stand-in listens.
     *
     * @param port 0: any free one, printed
     * @param tls HTTPS with a certificate made for the occasion
     */
    record SandboxFlags(String host, int port, boolean tls) {}
}
