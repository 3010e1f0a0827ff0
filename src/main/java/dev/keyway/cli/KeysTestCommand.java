package dev.keyway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keys test}. */
@Command(
        name = "test",
        description = "Asks OpenRouter, through the running gateway, what keys are still good for.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class,
        sortOptions = false)
final class KeysTestCommand implements Callable<Integer> {
    private final CommandContext context;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Mixin
    private KeyIds ids = new KeyIds();

    @Option(names = "--all", description = "Every key.")
    private boolean all;

    @Mixin
    private KeysFlags flags = new KeysFlags();

    KeysTestCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        List<String> given = ids.given();
        if (given.isEmpty() != all) {
            throw new CommandLine.ParameterException(spec.commandLine(), "needs either ids of keys or --all");
        }
        return flags.withDesk(context, desk -> {
            KeysReport report = new KeysReport(context, flags.json());
            (all ? everyId(desk, report) : given).forEach(id -> test(desk, id, report));
            return report.end();
        });
    }

    private static List<String> everyId(KeyDesk desk, KeysReport report) {
        List<String> every = new ArrayList<>();
        Reply reply = desk.list();
        if (reply instanceof Reply.Done done) {
            done.body().path("keys").forEach(key -> every.add(key.path("id").asText()));
        } else if (reply instanceof Reply.Refused refused) {
            report.refused(Json.object(), refused.message(), refused.message());
        }
        return every;
    }

    private static void test(KeyDesk desk, String id, KeysReport report) {
        ObjectNode about = Json.object().put("id", id);
        Reply reply = desk.change(id, KeyChange.TEST);
        if (reply instanceof Reply.Refused refused) {
            report.refused(about, id + ": " + refused.message(), refused.message());
        } else if (reply instanceof Reply.Done done) {
            about.setAll(done.body());
            TestResult result = TestResult.of(done.body());
            if (result.good()) {
                report.done(about, id + ": " + result.text());
            } else {
                report.refused(about, id + ": " + result.text(), result.text());
            }
        }
    }
}
