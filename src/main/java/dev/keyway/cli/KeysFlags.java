package dev.keyway.cli;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which gateway's keys are meant, and for whom the answer is written. */
final class KeysFlags {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(names = "--home", paramLabel = "FOLDER", description = "The gateway's home (default the working folder).")
    private @Nullable String home;

    @Option(names = "--config", paramLabel = "FILE", description = "Its YAML file, where it is not in its home.")
    private @Nullable String config;

    @Option(names = "--env-file", paramLabel = "FILE", description = "Its file of NAME=value lines.")
    private @Nullable String envFile;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Where the gateway answers, when that is not to be read from its home. Its admin.secret is"
                    + " taken from KEYWAY_ADMIN_SECRET or ADMIN_SECRET.")
    private @Nullable String url;

    @Option(names = "--json", description = "Writes JSON, for scripts.")
    private boolean json;

    boolean json() {
        return json;
    }

    /** Goes on with the desk of the gateway that is meant; without one says why, exit code 1. */
    int withDesk(CommandContext context, ToIntFunction<KeyDesk> then) {
        KeyDesks desks = new KeyDesks(context, given());
        try (KeyDesk desk = url == null ? desks.ofHome() : new AdminDesk(desks.at(address(url)))) {
            return then.applyAsInt(desk);
        } catch (NoDeskException e) {
            return tell(context, e);
        }
    }

    /** Goes on with the running gateway that is meant; without one says why, exit code 1. */
    int withGateway(CommandContext context, ToIntFunction<AdminClient> then) {
        KeyDesks desks = new KeyDesks(context, given());
        try {
            return then.applyAsInt(url == null ? desks.running() : desks.at(address(url)));
        } catch (NoDeskException e) {
            return tell(context, e);
        }
    }

    private static int tell(CommandContext context, NoDeskException none) {
        none.lines().forEach(context.err()::println);
        context.err().flush();
        return ExitCodes.REFUSED;
    }

    private URI address(String text) {
        Optional<URI> address = GatewayUrl.parse(text);
        if (address.isEmpty()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--url: not of the form http://127.0.0.1:3000 or http://127.0.0.1:8080/keyway");
        }
        return address.get();
    }

    private Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>();
        if (home != null) {
            given.put("--home", home);
        }
        if (config != null) {
            given.put("--config", config);
        }
        if (envFile != null) {
            given.put("--env-file", envFile);
        }
        return given;
    }
}
