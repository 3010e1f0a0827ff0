package dev.keyway.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.exchange.OwnAnswer;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Tells the configuration in force, has it read again, and compares a file with it. */
final class ConfigRoutes {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    /** A configuration file has at most 1 MiB, and some more as a string of JSON. */
    private static final int LARGEST_FILE = 2 * 1024 * 1024;

    private static final int TOLD_IN_THE_MESSAGE = 3;

    private final ConfigDesk desk;

    ConfigRoutes(ConfigDesk desk) {
        this.desk = desk;
    }

    List<Route> routes() {
        return List.of(
                Route.of("GET", "/admin/config", this::show),
                Route.of("POST", "/admin/config/reload", this::reload),
                Route.of("POST", "/admin/config/diff", this::diff).taking(LARGEST_FILE));
    }

    private CompletionStage<OwnAnswer.Content> show(Route.Call call) {
        return CompletableFuture.completedFuture(Reply.of(json(desk.view())));
    }

    private CompletionStage<OwnAnswer.Content> reload(Route.Call call) {
        Members.only(call.body(), List.of());
        return desk.reload().thenApply(outcome -> reply(outcome, "the configuration is left as it was"));
    }

    private CompletionStage<OwnAnswer.Content> diff(Route.Call call) {
        Members.only(call.body(), List.of("name", "yaml"));
        JsonNode yaml = call.body().path("yaml");
        if (!yaml.isTextual()) {
            throw new ApiException(ErrorCode.VALIDATION, "yaml must be a string, the text of a configuration file");
        }
        String name = Members.name(call.body(), "name");
        return desk.compare(name == null ? "yaml" : name, yaml.textValue())
                .thenApply(outcome -> reply(outcome, "the file would be refused"));
    }

    private static OwnAnswer.Content reply(ConfigDesk.Outcome outcome, String refused) {
        List<String> problems = outcome.problems();
        if (!problems.isEmpty()) {
            List<String> told = problems.subList(0, Math.min(TOLD_IN_THE_MESSAGE, problems.size()));
            int more = problems.size() - told.size();
            throw new ApiException(
                            ErrorCode.VALIDATION,
                            refused + ": " + String.join("; ", told) + (more == 0 ? "" : "; and " + more + " more"))
                    .withDetail("problems", problems);
        }
        ObjectNode json = NODES.objectNode().put("hash", outcome.hash());
        ArrayNode changes = json.putArray("changes");
        outcome.changes()
                .forEach(change -> changes.addObject()
                        .put("path", change.path())
                        .put("before", change.before())
                        .put("after", change.after())
                        .put("source", change.source())
                        .put("needs_restart", change.needsRestart()));
        outcome.warnings().forEach(json.putArray("warnings")::add);
        return Reply.of(json);
    }

    private static ObjectNode json(ConfigView view) {
        ObjectNode json = NODES.objectNode()
                .put("hash", view.hash())
                .put("since", view.since().toString());
        view.sources().forEach(json.putArray("sources")::add);
        ConfigView.Reload last = view.last();
        if (last == null) {
            json.putNull("last_reload");
        } else {
            ObjectNode reload = json.putObject("last_reload")
                    .put("at", last.at().toString())
                    .put("trigger", last.trigger())
                    .put("taken", last.problems().isEmpty());
            last.problems().forEach(reload.putArray("problems")::add);
            last.needRestart().forEach(reload.putArray("need_restart")::add);
        }
        ArrayNode chain = json.putArray("chain");
        view.chain().forEach(link -> chain.addObject().put("name", link.name()).put("stage", link.stage()));
        ArrayNode settings = json.putArray("settings");
        view.settings()
                .forEach(setting -> settings.addObject()
                        .put("path", setting.path())
                        .put("value", setting.value())
                        .put("source", setting.source()));
        return json;
    }
}
