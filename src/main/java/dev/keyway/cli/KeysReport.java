package dev.keyway.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a command did to each of several keys: a line each, as it happens, or one JSON document at the end:
 * {@code {"results":[{"ok":true,…},{"ok":false,"error":"…"}]}}. What was refused is on stderr in both.
 */
final class KeysReport {
    private final CommandContext context;
    private final boolean json;
    private final ObjectNode document = Json.object();
    private final ArrayNode results = document.putArray("results");
    private boolean refused;

    KeysReport(CommandContext context, boolean json) {
        this.context = context;
        this.json = json;
    }

    /** Done; the members are the result's, the line is for people. */
    void done(ObjectNode members, String line) {
        ObjectNode result = Json.object().put("ok", true);
        result.setAll(members);
        results.add(result);
        if (!json) {
            context.out().println(line);
            context.out().flush();
        }
    }

    /** Not done. The members say what it was about. */
    void refused(ObjectNode members, String line, String message) {
        refused = true;
        ObjectNode result = Json.object().put("ok", false);
        result.setAll(members);
        results.add(result.put("error", message));
        context.err().println(line);
        context.err().flush();
    }

    /** Does one thing to one key and tells what came of it; the words say what it is then. */
    void change(KeyDesk desk, String id, KeyChange change, String words) {
        ObjectNode about = Json.object().put("id", id);
        Reply reply = desk.change(id, change);
        if (reply instanceof Reply.Refused refused) {
            refused(about, id + ": " + refused.message(), refused.message());
        } else if (reply instanceof Reply.Done done) {
            about.setAll(done.body());
            done(about, id + " " + words);
        }
    }

    /** Worth a look, but done. */
    void warning(String line) {
        context.err().println("warning: " + line);
        context.err().flush();
    }

    /** The exit code. */
    int end() {
        if (json) {
            context.out().println(Json.indented(document));
            context.out().flush();
        }
        return refused ? ExitCodes.REFUSED : ExitCodes.DONE;
    }
}
