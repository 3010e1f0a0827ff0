package dev.keyway.cli;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The keys that a command is about. */
final class KeyIds {
    private static final Pattern ID = Pattern.compile("k_[0-9a-f]{8,64}");

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Parameters(paramLabel = "ID", arity = "0..*", description = "As \"keys list\" shows it: k_1a2b3c4d.")
    private @Nullable List<String> ids;

    /** Each once, in the order given; empty when none was given. */
    List<String> given() {
        List<String> given = ids == null ? List.of() : ids.stream().distinct().toList();
        if (!given.stream().allMatch(id -> ID.matcher(id).matches())) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "an id is k_ and hex digits, as \"keys list\" shows it; a key itself is never an argument, because"
                            + " other users of this machine can see command lines");
        }
        return given;
    }

    /** The same, but at least one. */
    List<String> needed() {
        List<String> given = given();
        if (given.isEmpty()) {
            throw new CommandLine.ParameterException(spec.commandLine(), "needs the id of a key");
        }
        return given;
    }
}
