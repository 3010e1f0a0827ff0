package dev.keyway.cli;

import dev.keyway.config.ConfigProblem;
import dev.keyway.config.ConfigResult;
import dev.keyway.config.ConfigSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of a configuration; all are text, because the loader judges their values together with all others. */
final class ConfigFlags {
    @Option(names = "--host", paramLabel = "NAME", description = "Name or address to bind (default 127.0.0.1).")
    private @Nullable String host;

    @Option(names = "--port", paramLabel = "N", description = "Port to bind, 0 takes any free one (default 3000).")
    private @Nullable String port;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "YAML file (default keyway.yml or config.yml in the home folder).")
    private @Nullable String config;

    @Option(
            names = "--home",
            paramLabel = "FOLDER",
            description = "Where keyway.yml and logs live (default the working folder).")
    private @Nullable String home;

    @Option(names = "--env-file", paramLabel = "FILE", description = "File of NAME=value lines.")
    private @Nullable String envFile;

    @Option(
            names = "--openrouter-api-key",
            paramLabel = "KEY",
            description = "OpenRouter key, or several with commas. Other users of this machine can see it: prefer the"
                    + " variable OPENROUTER_API_KEY.")
    private @Nullable String openrouterApiKey;

    @Option(names = "--openrouter-api-base-url", paramLabel = "URL", description = "The upstream's address.")
    private @Nullable String openrouterApiBaseUrl;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "How long the upstream may take to begin its answer, and to end it when it is no stream.")
    private @Nullable String timeout;

    @Option(names = "--log-level", paramLabel = "LEVEL", description = "DEBUG, INFO, WARN, ERROR or CRITICAL.")
    private @Nullable String logLevel;

    @Option(
            names = "--model-alias",
            paramLabel = "PATTERN=REPLACEMENT",
            description = "Another name for a model, such as '^gpt-(.*)=openai/gpt-\\1'; several times, in order.")
    private @Nullable List<String> modelAliases;

    @Option(names = "--force-model", paramLabel = "MODEL", description = "The model of every request.")
    private @Nullable String forceModel;

    @Option(
            names = "--static-route",
            paramLabel = "openrouter:MODEL",
            description = "The model of every request that does not name openrouter: itself.")
    private @Nullable String staticRoute;

    @Option(
            names = "--default-backend",
            paramLabel = "NAME",
            description = "Where models without a backend go; openrouter is the only one.")
    private @Nullable String defaultBackend;

    @Option(
            names = "--identity-user-agent",
            paramLabel = "TEXT",
            description = "User-Agent that OpenRouter sees, whatever clients send.")
    private @Nullable String identityUserAgent;

    @Option(names = "--identity-url", paramLabel = "URL", description = "The same for HTTP-Referer, the app's address.")
    private @Nullable String identityUrl;

    @Option(names = "--identity-title", paramLabel = "TEXT", description = "The same for X-Title, the app's name.")
    private @Nullable String identityTitle;

    /** The flags that were given, by name. */
    Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>();
        put(given, "--host", host);
        put(given, "--port", port);
        put(given, "--config", config);
        put(given, "--home", home);
        put(given, "--env-file", envFile);
        put(given, "--openrouter-api-key", openrouterApiKey);
        put(given, "--openrouter-api-base-url", openrouterApiBaseUrl);
        put(given, "--timeout", timeout);
        put(given, "--log-level", logLevel);
        put(given, "--model-alias", modelAliases == null ? null : Json.array(modelAliases));
        put(given, "--force-model", forceModel);
        put(given, "--static-route", staticRoute);
        put(given, "--default-backend", defaultBackend);
        put(given, "--identity-user-agent", identityUserAgent);
        put(given, "--identity-url", identityUrl);
        put(given, "--identity-title", identityTitle);
        return given;
    }

    private static void put(Map<String, String> given, String name, @Nullable String value) {
        if (value != null) {
            given.put(name, value);
        }
    }

    /** Loads, prints warnings or problems to stderr, one a line, and goes on with what was loaded. */
    int load(CommandContext context, ToIntFunction<ConfigResult.Loaded> then) {
        return load(new ConfigSource(context.inputs(given())), context, then);
    }

    /** The same with this source. */
    static int load(ConfigSource source, CommandContext context, ToIntFunction<ConfigResult.Loaded> then) {
        ConfigResult result = source.load();
        if (result instanceof ConfigResult.Loaded loaded) {
            loaded.warnings().forEach(warning -> context.err().println("warning: " + warning));
            context.err().flush();
            return then.applyAsInt(loaded);
        }
        return tell(((ConfigResult.Refused) result).problems(), context);
    }

    /** Prints problems to stderr; the exit code that they mean. */
    static int tell(List<ConfigProblem> problems, CommandContext context) {
        problems.forEach(problem -> context.err().println(problem.line()));
        context.err().flush();
        boolean flagsOnly =
                problems.stream().allMatch(problem -> problem.source().startsWith("--"));
        return flagsOnly ? ExitCodes.USAGE : ExitCodes.REFUSED;
    }
}
