package dev.keyway.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Tells the configuration in force. */
final class ConfigRoute {
    private ConfigRoute() {}

    static Route of(Supplier<ConfigView> config) {
        return Route.of(
                "GET", "/admin/config", call -> CompletableFuture.completedFuture(Reply.of(json(config.get()))));
    }

    private static ObjectNode json(ConfigView view) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
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
