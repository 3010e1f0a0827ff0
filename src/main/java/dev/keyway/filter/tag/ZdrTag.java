package dev.keyway.filter.tag;

import com.fasterxml.jackson.databind.node.BooleanNode;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import java.util.List;

/** {@code $zdr}: zero data retention. */
final class ZdrTag implements Tag {
    @Override
    public List<TagDoc> docs() {
        return List.of(new TagDoc(
                "zdr",
                "only endpoints that keep no data and do not train on it",
                "provider.zdr: true, provider.data_collection: \"deny\""));
    }

    @Override
    public boolean matches(String tag) {
        return normal(tag).equals("zdr");
    }

    @Override
    public JsonBody write(JsonBody body, List<String> tags, TagTarget target) {
        JsonBody provider = Member.object(body, "provider", "zdr")
                .with("zdr", BooleanNode.TRUE)
                .with("data_collection", JsonValue.of("deny"));
        return body.with("provider", provider.asValue());
    }
}
