package dev.keyway.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code config diff}: what a reload would change if a file were the configuration. */
@Command(
        name = "diff",
        description = "What the running gateway would change if FILE were its YAML file; changes nothing. The gateway"
                + " judges it, with its own environment and command line.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class,
        sortOptions = false)
final class ConfigDiffCommand implements Callable<Integer> {
    /** A gateway reads no larger one. */
    private static final long LARGEST = 1024 * 1024;

    private final CommandContext context;

    @Parameters(paramLabel = "FILE", description = "A YAML file, at most 1 MiB.")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private String file;

    @Mixin
    private KeysFlags flags = new KeysFlags();

    ConfigDiffCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Path path = context.workingFolder().resolve(file);
        try {
            if (Files.size(path) > LARGEST) {
                return refuse(List.of(file + " is larger than 1 MiB"));
            }
            String yaml = Files.readString(path);
            return flags.withGateway(context, gateway -> compare(gateway, yaml));
        } catch (IOException e) {
            return refuse(List.of(file + " can't be read: " + e.getClass().getSimpleName()));
        }
    }

    private int compare(AdminClient gateway, String yaml) {
        ObjectNode body = Json.object().put("yaml", yaml);
        String name = String.valueOf(Path.of(file).getFileName());
        if (name.length() <= 64) {
            body.put("name", name);
        }
        Reply reply = gateway.ask("POST", "/admin/config/diff", body, text -> text);
        if (reply instanceof Reply.Refused refused) {
            return refuse(refused.details().isEmpty() ? List.of(refused.message()) : refused.details());
        }
        JsonNode answer = ((Reply.Done) reply).body();
        if (flags.json()) {
            context.out().println(Json.indented(answer));
        } else {
            answer.path("warnings").forEach(warning -> context.err().println("warning: " + plain(warning)));
            context.err().flush();
            lines(answer.path("changes")).forEach(context.out()::println);
            context.out().println(summary(answer.path("changes"), gateway.name()));
        }
        context.out().flush();
        return ExitCodes.DONE;
    }

    private static List<String> lines(JsonNode changes) {
        List<String> lines = new ArrayList<>();
        for (JsonNode change : changes) {
            lines.add(plain(change.path("path")) + ":");
            lines.add("  - " + plain(change.path("before")));
            lines.add("  + " + plain(change.path("after")) + "  # " + plain(change.path("source"))
                    + (change.path("needs_restart").asBoolean() ? "; counts at the next start" : ""));
        }
        return lines;
    }

    private static String summary(JsonNode changes, String gateway) {
        int count = changes.size();
        return (count == 0 ? "No difference" : count == 1 ? "1 difference" : count + " differences") + " from "
                + gateway + ".";
    }

    private static String plain(JsonNode text) {
        return Plain.text(text.asText());
    }

    private int refuse(List<String> lines) {
        lines.forEach(context.err()::println);
        context.err().flush();
        return ExitCodes.REFUSED;
    }
}
