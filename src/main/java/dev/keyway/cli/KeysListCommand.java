package dev.keyway.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code keys list}. */
@Command(
        name = "list",
        description = "Shows all keys by their ids, with state, credit and use; never a key.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class,
        sortOptions = false)
final class KeysListCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin
    private KeysFlags flags = new KeysFlags();

    KeysListCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        return flags.withDesk(context, this::list);
    }

    private int list(KeyDesk desk) {
        Reply reply = desk.list();
        if (reply instanceof Reply.Refused refused) {
            context.err().println(refused.message());
            context.err().flush();
            return ExitCodes.REFUSED;
        }
        JsonNode body = ((Reply.Done) reply).body();
        if (flags.json()) {
            context.out().println(Json.indented(body));
        } else {
            KeyTable table = new KeyTable(new Moments(context.clock(), context.zone()));
            table.lines(body.path("keys")).forEach(context.out()::println);
            context.out().println("From " + desk.name() + ".");
        }
        context.out().flush();
        return ExitCodes.DONE;
    }
}
