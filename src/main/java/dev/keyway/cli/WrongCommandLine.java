package dev.keyway.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in two lines what is wrong with a command line, and never repeats a value: it may be a mistyped key flag's. */
final class WrongCommandLine implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException wrong, String[] args) {
        CommandLine command = wrong.getCommandLine();
        command.getErr().println(message(wrong));
        command.getErr().println("Try \"" + command.getCommandSpec().qualifiedName() + " --help\".");
        command.getErr().flush();
        return ExitCodes.USAGE;
    }

    private static String message(ParameterException wrong) {
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            return "unknown " + String.join(", ", names(unmatched.getUnmatched()));
        }
        String message = String.valueOf(wrong.getMessage());
        String value = wrong.getValue();
        return value == null ? message : message.replace("'" + value + "'", "the value");
    }

    private static List<String> names(List<String> arguments) {
        List<String> flags = arguments.stream()
                .filter(argument -> argument.startsWith("-"))
                .map(argument -> argument.replaceFirst("[=\\s].*", ""))
                .map(flag -> "flag " + flag)
                .toList();
        boolean word = !arguments.isEmpty() && arguments.get(0).matches("[a-z]{1,20}");
        return flags.isEmpty() ? List.of(word ? "command " + arguments.get(0) : "argument") : flags;
    }
}
