package dev.keyway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.wire.Secret;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keys add}. */
@Command(
        name = "add",
        description = "Adds a key that you type unseen, or keys from standard input; one that is known is made active"
                + " again.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class,
        sortOptions = false)
final class KeysAddCommand implements Callable<Integer> {
    private final CommandContext context;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Mixin
    private KeyInput input = new KeyInput();

    @Option(names = "--label", paramLabel = "NAME", description = "A name for people, 1 to 64 characters.")
    private @Nullable String label;

    @Option(
            names = "--account",
            paramLabel = "NAME",
            description = "Keys of one account share its limits; give them the same name here.")
    private @Nullable String account;

    @Mixin
    private KeysFlags flags = new KeysFlags();

    KeysAddCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        input.refuseArguments();
        checkName("--label", label);
        checkName("--account", account);
        List<KeyInput.Line> lines = input.read(context, "Please enter your OpenRouter API key: ");
        if (lines.isEmpty()) {
            context.err().println("API key is required");
            context.err().flush();
            return ExitCodes.REFUSED;
        }
        return flags.withDesk(context, desk -> add(desk, lines));
    }

    private void checkName(String flag, @Nullable String name) {
        if (name != null && !KeyText.isName(name)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), flag + ": not 1 to 64 characters, or a key; a key is never an argument");
        }
    }

    private int add(KeyDesk desk, List<KeyInput.Line> lines) {
        KeysReport report = new KeysReport(context, flags.json());
        lines.forEach(line -> add(desk, line, report));
        return report.end();
    }

    private void add(KeyDesk desk, KeyInput.Line line, KeysReport report) {
        Secret key = new Secret(line.key());
        ObjectNode about = Json.object().put("id", key.id());
        String wrong = KeyText.wrong(line.key());
        if (wrong != null) {
            report.refused(about, line.place() + wrong, wrong);
            return;
        }
        Reply reply = desk.add(key, label, account);
        if (reply instanceof Reply.Refused refused) {
            report.refused(about, line.place() + key.id() + " was not added: " + refused.message(), refused.message());
        } else if (reply instanceof Reply.Done done) {
            ObjectNode body = done.body();
            String id = Plain.text(body.path("id").asText(key.id()));
            report.done(
                    body,
                    id + (body.path("created").asBoolean() ? " added" : " was known; it is active") + ", by "
                            + desk.name());
            String warning = body.path("warning").asText("");
            if (!warning.isEmpty()) {
                report.warning(id + ": " + Plain.text(warning));
            }
        }
    }
}
