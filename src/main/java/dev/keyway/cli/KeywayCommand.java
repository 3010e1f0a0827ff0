package dev.keyway.cli;

import dev.keyway.config.ConfigSource;
import dev.keyway.observe.VersionInfo;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

/**
 * {@code java -jar keyway.war [flags]} runs the gateway; its subcommands do the rest.
 *
 * <p>Exit codes are those of {@link ExitCodes}. Nothing here reads the process but {@link #main}.
 */
@Command(
        name = "keyway",
        description = "A gateway in front of the OpenRouter API. Without a command it runs the gateway.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class,
        sortOptions = false,
        usageHelpAutoWidth = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:refused to start, refused or not found; why is on stderr, one a line",
            "2:wrong command line",
            "3:the Java heap was exhausted"
        })
public final class KeywayCommand implements Callable<Integer> {
    private final CommandContext context;
    private final Doors doors;

    @Mixin
    private ConfigFlags flags = new ConfigFlags();

    KeywayCommand(CommandContext context, Doors doors) {
        this.context = context;
        this.doors = doors;
    }

    /**
     * Runs one command line.
     *
     * @return the exit code
     */
    public static int run(String[] args, CommandContext context, Doors doors) {
        CommandLine command = new CommandLine(new KeywayCommand(context, doors))
                .addSubcommand(new DemoCommand(context, doors))
                .addSubcommand(new SandboxCommand(context, doors))
                .addSubcommand(new CheckCommand(context))
                .addSubcommand(KeysCommand.line(context))
                .addSubcommand(new CommandLine(new ConfigCommand())
                        .addSubcommand(new ConfigCommand.Show(context))
                        .addSubcommand(new ConfigCommand.Schema(context))
                        .addSubcommand(new ConfigDiffCommand(context)));
        return command.setOut(context.out())
                .setErr(context.err())
                .setParameterExceptionHandler(new WrongCommandLine())
                .setExecutionExceptionHandler((failure, failed, parsed) -> {
                    context.err().println("keyway failed: " + failure);
                    context.err().flush();
                    return ExitCodes.REFUSED;
                })
                .execute(args);
    }

    /** The process's own door: prints to stdout and stderr, ends the process with the exit code. */
    public static void main(String[] args) {
        Map<String, String> properties = new HashMap<>();
        System.getProperties().stringPropertyNames().forEach(name -> properties.put(name, System.getProperty(name)));
        CommandContext process = new CommandContext(
                System.getenv(),
                properties,
                Path.of("").toAbsolutePath(),
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                new ProcessTerminal(),
                InstantSource.system(),
                ZoneId.systemDefault());
        System.exit(run(args, process, new ProcessDoors()));
    }

    @Override
    public Integer call() {
        ConfigSource source = new ConfigSource(context.inputs(flags.given()));
        return ConfigFlags.load(source, context, loaded -> doors.gateway(source, context));
    }

    /** The version for {@code --version}. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {VersionInfo.read().line()};
        }
    }
}
