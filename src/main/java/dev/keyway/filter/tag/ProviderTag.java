package dev.keyway.filter.tag;

import dev.keyway.wire.JsonBody;
import java.util.List;

/** Every other tag: the slug of a provider, as written, behind those the client names in its own list. */
final class ProviderTag implements Tag {
    @Override
    public List<TagDoc> docs() {
        return List.of(new TagDoc(
                "<provider>",
                "only this provider; several: only these, tried in this order",
                "provider.only: [\"fireworks\"], provider.order: [\"fireworks\"]"));
    }

    @Override
    public boolean matches(String tag) {
        return true;
    }

    @Override
    public String normal(String tag) {
        return tag;
    }

    @Override
    public JsonBody write(JsonBody body, List<String> tags, TagTarget target) {
        JsonBody provider = Member.object(body, "provider", tags.get(0));
        for (String list : target.providerLists()) {
            provider = Member.extend(provider, "provider", list, tags);
        }
        return body.with("provider", provider.asValue());
    }
}
