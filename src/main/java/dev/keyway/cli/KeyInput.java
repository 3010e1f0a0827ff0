package dev.keyway.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Keys that are typed unseen or piped in, never arguments. */
final class KeyInput {
    private static final int LARGEST = 1024 * 1024;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(names = "--stdin", description = "Reads keys from standard input, one a line, instead of asking.")
    private boolean stdin;

    @Parameters(hidden = true, arity = "0..*")
    private List<String> arguments = new ArrayList<>();

    /**
     * One key.
     *
     * @param place {@code line 2: } of standard input; empty for a key that was typed
     */
    record Line(String place, String key) {}

    /** What was typed or piped in, without empty lines; throws where nobody can be asked. */
    List<Line> read(CommandContext context, String question) {
        refuseArguments();
        if (stdin) {
            return piped(context);
        }
        if (!context.terminal().isPresent()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "there is no terminal to ask at; pipe the key in with --stdin");
        }
        return context.terminal().askSecret(question).map(String::strip).stream()
                .filter(key -> !key.isEmpty())
                .map(key -> new Line("", key))
                .toList();
    }

    /** A key on the command line is refused, whatever it looks like. */
    void refuseArguments() {
        if (!arguments.isEmpty()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "a key is never an argument, because other users of this machine can see command lines: it is asked"
                            + " for, or read with --stdin");
        }
    }

    private List<Line> piped(CommandContext context) {
        byte[] bytes;
        try {
            bytes = context.terminal().piped().readNBytes(LARGEST + 1);
        } catch (IOException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), "standard input can't be read", e);
        }
        if (bytes.length > LARGEST) {
            throw new CommandLine.ParameterException(spec.commandLine(), "standard input is larger than 1 MiB");
        }
        List<Line> lines = new ArrayList<>();
        int number = 0;
        for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
            number++;
            if (!line.isBlank()) {
                lines.add(new Line("line " + number + ": ", line.strip()));
            }
        }
        return lines;
    }
}
