package dev.keyway.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.exchange.OwnAnswer;
import dev.keyway.keys.KeyPool;
import dev.keyway.keys.KeySource;
import dev.keyway.keys.KeyView;
import dev.keyway.observe.Redactor;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.Secret;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What administrators do to the pool. An answer comes when what it tells would survive a crash of the process. */
final class KeyRoutes {
    private static final String USUAL_START = "sk-or-";
    private static final int SHOWN_ID = 40;

    private final KeyPool pool;
    private final KeyTester tester;

    KeyRoutes(KeyPool pool, KeyTester tester) {
        this.pool = pool;
        this.tester = tester;
    }

    List<Route> routes() {
        return List.of(
                Route.of("GET", "/admin/keys", this::list),
                Route.of("POST", "/admin/keys", this::add),
                Route.of("GET", "/admin/keys/{id}", this::show),
                Route.of("PATCH", "/admin/keys/{id}", this::edit),
                Route.of("DELETE", "/admin/keys/{id}", this::remove),
                Route.of("POST", "/admin/keys/{id}/test", this::test),
                Route.of("POST", "/admin/keys/{id}/reactivate", this::reactivate),
                Route.of("POST", "/admin/keys/{id}/disable", this::disable));
    }

    private CompletionStage<OwnAnswer.Content> list(Route.Call call) {
        return done(KeyJson.list(pool.views()));
    }

    private CompletionStage<OwnAnswer.Content> show(Route.Call call) {
        return done(KeyJson.one(view(call.id())));
    }

    private CompletionStage<OwnAnswer.Content> add(Route.Call call) {
        Members.only(call.body(), List.of("key", "label", "account"));
        String key = Members.key(call.body());
        return pool.add(
                        new Secret(key),
                        Members.name(call.body(), "label"),
                        Members.name(call.body(), "account"),
                        KeySource.ADMIN)
                .thenApply(added -> {
                    ObjectNode json = said("API key added successfully", added.id());
                    json.put("created", added.created());
                    if (!key.startsWith(USUAL_START)) {
                        json.put("warning", "the key does not start with " + USUAL_START + ", as OpenRouter's keys do");
                    }
                    return Reply.of(json);
                });
    }

    /** A member that is left out stays as it is. */
    private CompletionStage<OwnAnswer.Content> edit(Route.Call call) {
        Members.only(call.body(), List.of("label", "account"));
        KeyView old = view(call.id());
        String label = call.body().has("label") ? Members.name(call.body(), "label") : old.label();
        String account = call.body().has("account") ? Members.name(call.body(), "account") : old.account();
        return shown(call.id(), pool.edit(call.id(), label, account));
    }

    private CompletionStage<OwnAnswer.Content> reactivate(Route.Call call) {
        Members.only(call.body(), List.of());
        return shown(call.id(), pool.reactivate(call.id()));
    }

    private CompletionStage<OwnAnswer.Content> disable(Route.Call call) {
        Members.only(call.body(), List.of());
        return shown(call.id(), pool.disable(call.id()));
    }

    private CompletionStage<OwnAnswer.Content> shown(String id, CompletionStage<Boolean> changed) {
        return changed.thenApply(known -> {
            if (!known) {
                throw unknown(id);
            }
            return Reply.of(KeyJson.one(view(id)));
        });
    }

    private CompletionStage<OwnAnswer.Content> remove(Route.Call call) {
        return pool.remove(call.id()).thenApply(removal -> switch (removal) {
            case REMOVED -> Reply.of(said("API key removed", call.id()));
            case UNKNOWN -> throw unknown(call.id());
            case CONFIGURED ->
                throw new ApiException(
                        ErrorCode.VALIDATION,
                        "key " + call.id() + " stands in the configuration or the environment, where it would come back"
                                + " from: remove it there, or disable it here");
        });
    }

    private CompletionStage<OwnAnswer.Content> test(Route.Call call) {
        Members.only(call.body(), List.of());
        String id = view(call.id()).id();
        return tester.test(id).thenApply(result -> Reply.of(KeyJson.tested(id, result)));
    }

    private KeyView view(String id) {
        return pool.view(id).orElseThrow(() -> unknown(id));
    }

    /** What stands in the place of an id may be a key that was mistaken for one. */
    private static ApiException unknown(String id) {
        return new ApiException(
                ErrorCode.NOT_FOUND,
                "there is no key \"" + Redactor.cut(Redactor.redact(id), SHOWN_ID) + "\"; GET /admin/keys lists them");
    }

    private static ObjectNode said(String message, String id) {
        return JsonNodeFactory.instance.objectNode().put("message", message).put("id", id);
    }

    private static CompletionStage<OwnAnswer.Content> done(ObjectNode json) {
        return CompletableFuture.completedFuture(Reply.of(json));
    }
}
