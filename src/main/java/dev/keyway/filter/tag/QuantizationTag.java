package dev.keyway.filter.tag;

import dev.keyway.wire.JsonBody;
import java.util.List;

/** {@code $fp8} and its kin: only endpoints that serve the model in one of these number formats. */
final class QuantizationTag implements Tag {
    private static final List<String> FORMATS = List.of("int4", "int8", "fp4", "fp6", "fp8", "fp16", "bf16", "fp32");

    @Override
    public List<TagDoc> docs() {
        return List.of(new TagDoc(
                String.join(", ", FORMATS),
                "only endpoints that serve the model in one of the named formats",
                "provider.quantizations: [\"fp8\"]"));
    }

    @Override
    public boolean matches(String tag) {
        return FORMATS.contains(normal(tag));
    }

    @Override
    public JsonBody write(JsonBody body, List<String> tags, TagTarget target) {
        JsonBody provider = Member.object(body, "provider", tags.get(0));
        return body.with(
                "provider",
                Member.extend(provider, "provider", "quantizations", tags).asValue());
    }
}
