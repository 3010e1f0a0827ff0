package dev.keyway.filter.param;

import dev.keyway.exchange.Api;
import dev.keyway.wire.JsonBody;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of one model string. None is ever an error: what can't be written is left out, and the reason is told.
 */
public final class Params {
    /** All there are. A new one is a class and a line here; README's table is made of these. */
    public static final List<Param> ALL = List.of(
            NumberParam.decimal("temperature", 0, 2),
            NumberParam.decimal("top_p", 0, 1),
            NumberParam.whole("top_k"),
            new VerbosityParam(),
            new ReasoningEffortParam());

    private static final int QUOTED_MAX = 40;
    private static final int REASONS_MAX = 5;

    private final Api api;
    private final List<String> ignored = new ArrayList<>();
    private int more;

    public Params(Api api) {
        this.api = api;
    }

    /**
     * The body with what these ask for; of two with the same name the last counts, and one without a value does not.
     *
     * @param written as {@link dev.keyway.slug.Slug} has them
     */
    public JsonBody write(JsonBody body, List<String> written) {
        Map<String, String> byName = new LinkedHashMap<>();
        for (String param : written) {
            read(param, byName);
        }
        JsonBody changed = body;
        for (Map.Entry<String, String> param : byName.entrySet()) {
            changed = write(changed, param.getKey(), param.getValue());
        }
        return changed;
    }

    /** Leaves all of these out. */
    public void ignore(List<String> written, String reason) {
        written.forEach(param -> ignored(param, reason));
    }

    private void read(String param, Map<String, String> byName) {
        int equals = param.indexOf('=');
        if (equals <= 0) {
            ignored(param, "is not name=value");
            return;
        }
        try {
            String value = URLDecoder.decode(param.substring(equals + 1), StandardCharsets.UTF_8)
                    .strip();
            if (!value.isEmpty()) {
                byName.put(URLDecoder.decode(param.substring(0, equals), StandardCharsets.UTF_8), value);
            }
        } catch (IllegalArgumentException e) {
            ignored(param, "is not URL-encoded");
        }
    }

    private JsonBody write(JsonBody body, String name, String value) {
        @Nullable Param param = find(name);
        if (param == null) {
            ignored(name, "is unknown");
            return body;
        }
        if (param.place(api).isEmpty()) {
            ignored(name, "has no place in " + api.path());
            return body;
        }
        try {
            return param.write(body, value, api);
        } catch (Param.IgnoredException e) {
            ignored(name + "=" + value, e.getMessage());
            return body;
        }
    }

    private static @Nullable Param find(String name) {
        for (Param param : ALL) {
            if (param.name().equals(name)) {
                return param;
            }
        }
        return null;
    }

    private void ignored(String what, @Nullable String reason) {
        if (ignored.size() == REASONS_MAX) {
            more++;
            return;
        }
        ignored.add('"' + shown(what) + "\" " + reason);
    }

    /** On one line, short; whoever pastes a key here must not find it in a log. */
    private static String shown(String text) {
        String shown = text.length() <= QUOTED_MAX ? text : text.substring(0, QUOTED_MAX) + "...";
        return shown.contains("sk-") ? "(looks like a key)" : shown.replaceAll("\\p{Cntrl}", "\u00b7");
    }

    /** What was left out and why, in one line; empty when nothing was. */
    public String told() {
        return String.join("; ", ignored) + (more == 0 ? "" : "; " + more + " more");
    }
}
