package dev.keyway.filter.tag;

import com.fasterxml.jackson.databind.node.BooleanNode;
import dev.keyway.wire.JsonBody;
import java.util.List;

/** {@code $strict}: no other provider than the ones asked for. */
final class StrictTag implements Tag {
    @Override
    public List<TagDoc> docs() {
        return List.of(new TagDoc(
                "strict", "no fallback to a provider that was not asked for", "provider.allow_fallbacks: false"));
    }

    @Override
    public boolean matches(String tag) {
        return normal(tag).equals("strict");
    }

    @Override
    public JsonBody write(JsonBody body, List<String> tags, TagTarget target) {
        JsonBody provider = Member.object(body, "provider", "strict").with("allow_fallbacks", BooleanNode.FALSE);
        return body.with("provider", provider.asValue());
    }
}
