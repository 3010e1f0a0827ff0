package dev.keyway.filter;

import dev.keyway.exchange.Header;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import dev.keyway.wire.JsonValue.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells which conversation a request belongs to, so that the pool can keep it on one account, where the upstream's prompt
 * caches are: option {@code session} of {@code openrouter.key_selection_opts}.
 *
 * <p>A conversation is what the client names in the header {@code x-session-id}, else in the body as {@code session_id},
 * else as {@code prompt_cache_key}; else it is known by how it begins, which stays the same while it grows: the first of
 * {@code messages} or {@code input}, with the second where the first is the system's; of {@code input} as a text and of
 * {@code prompt} the first {@value #PROMPT_BYTES} bytes. Breakpoints ({@code cache_control}) wander from turn to turn and
 * do not count. Of a message's parts only the first {@value #MESSAGE_BYTES} bytes in all are read. Other requests belong
 * to none.
 *
 * <p>Conversations of two clients are never the same one, whatever they name them. What comes out is a hash: 32 hex
 * digits, nothing of the prompt.
 */
public final class SessionFilter implements RequestFilter {
    static final int MESSAGE_BYTES = 64 * 1024;
    static final int PROMPT_BYTES = 1024;
    private static final int ID_BYTES = 16;
    private static final String HEADER = "x-session-id";
    private static final List<String> NAMES = List.of("session_id", "prompt_cache_key");
    private static final String BREAKPOINT = "cache_control";

    private final boolean on;

    public SessionFilter(FilterOptions options) {
        this.on = options.session();
    }

    @Override
    public UpstreamRequest apply(UpstreamRequest request) {
        if (!on || !request.client().usesPool() || !(request.body() instanceof RequestBody.Json json)) {
            return request;
        }
        return request.withSession(session(request, json.json()));
    }

    private static @Nullable String session(UpstreamRequest request, JsonBody body) {
        @Nullable String named = named(request.headers(), body);
        Fingerprint fingerprint = new Fingerprint(request.client().name());
        if (named != null) {
            fingerprint.text(named);
            return fingerprint.hex();
        }
        boolean begun = switch (request.api()) {
            case CHAT, MESSAGES -> messages(body.value("messages"), fingerprint);
            case RESPONSES -> messages(body.value("input"), fingerprint);
            case COMPLETIONS -> text(body.value("prompt"), fingerprint);
            default -> false;
        };
        return begun ? fingerprint.hex() : null;
    }

    private static @Nullable String named(List<Header> headers, JsonBody body) {
        for (Header header : headers) {
            if (header.is(HEADER) && !header.value().isBlank()) {
                return header.value();
            }
        }
        for (String name : NAMES) {
            @Nullable String value = body.text(name);
            if (value != null && !value.isBlank()) {
                return value;
            }
        }
        return null;
    }

    private static boolean messages(@Nullable JsonValue list, Fingerprint fingerprint) {
        if (list == null || !list.is(Kind.ARRAY)) {
            return text(list, fingerprint);
        }
        Iterator<JsonValue> messages = list.elements().iterator();
        if (!messages.hasNext()) {
            return false;
        }
        JsonValue first = messages.next();
        fingerprint.message(first);
        if (isSystems(first) && messages.hasNext()) {
            fingerprint.message(messages.next());
        }
        return true;
    }

    private static boolean isSystems(JsonValue message) {
        @Nullable String role = message.is(Kind.OBJECT) ? message.object().text("role") : null;
        return "system".equals(role) || "developer".equals(role);
    }

    private static boolean text(@Nullable JsonValue value, Fingerprint fingerprint) {
        if (value == null || value.is(Kind.NULL)) {
            return false;
        }
        fingerprint.value(value, PROMPT_BYTES);
        return true;
    }

    /** A hash being made; a zero byte, which neither a name nor JSON holds, ends each thing added. */
    private static final class Fingerprint {
        private final MessageDigest digest;

        Fingerprint(String client) {
            try {
                this.digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
            text(client);
        }

        void text(String text) {
            add(List.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))), Integer.MAX_VALUE);
        }

        void value(JsonValue value, int limit) {
            add(value.slices(), limit);
        }

        void message(JsonValue message) {
            if (!message.is(Kind.OBJECT)) {
                value(message, MESSAGE_BYTES);
                return;
            }
            JsonBody members = message.object();
            @Nullable JsonValue content = members.value("content");
            if (content == null || !content.is(Kind.ARRAY)) {
                add(members.without(BREAKPOINT).slices(), MESSAGE_BYTES);
                return;
            }
            int left = MESSAGE_BYTES;
            Iterator<JsonValue> parts = content.elements().iterator();
            while (left > 0 && parts.hasNext()) {
                JsonValue part = parts.next();
                left -= add(
                        part.is(Kind.OBJECT) ? part.object().without(BREAKPOINT).slices() : part.slices(), left);
            }
        }

        /** How many bytes were taken, at least 1. */
        private int add(List<ByteBuffer> slices, int limit) {
            int left = limit;
            for (ByteBuffer slice : slices) {
                int taken = Math.min(left, slice.remaining());
                digest.update(slice.limit(slice.position() + taken));
                left -= taken;
            }
            digest.update((byte) 0);
            return Math.max(1, limit - left);
        }

        String hex() {
            return HexFormat.of().formatHex(digest.digest(), 0, ID_BYTES);
        }
    }
}
