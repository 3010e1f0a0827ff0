package dev.keyway.filter.tag;

import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import java.util.List;

/** {@code $tier.flex}: the service tier; the last one counts. */
final class TierTag implements Tag {
    private static final String PREFIX = "tier.";

    @Override
    public List<TagDoc> docs() {
        return List.of(
                new TagDoc("tier.<name>", "the service tier, such as flex or priority", "service_tier: \"flex\""));
    }

    @Override
    public boolean matches(String tag) {
        return normal(tag).startsWith(PREFIX) && tag.length() > PREFIX.length();
    }

    @Override
    public JsonBody write(JsonBody body, List<String> tags, TagTarget target) {
        String last = tags.get(tags.size() - 1);
        return body.with("service_tier", JsonValue.of(last.substring(PREFIX.length())));
    }
}
