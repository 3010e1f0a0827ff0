package dev.keyway.sandbox;

import dev.keyway.wire.Secret;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Accounts, keys, and the answers that tests have lined up for a key. */
final class Accounts {
    static final String DEFAULT = "default";
    private static final int MAX_GUESTS = 10_000;
    private final Map<String, Account> accounts = new HashMap<>();
    private final Map<Secret, SandboxKey> registered = new HashMap<>();
    private final Map<Secret, Deque<Reply>> scripts = new HashMap<>();
    private final Map<Secret, SandboxKey> guests = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Secret, SandboxKey> eldest) {
            return size() > MAX_GUESTS;
        }
    };

    synchronized Account account(String name) {
        return accounts.computeIfAbsent(name, Account::new);
    }

    synchronized SandboxKey register(Secret secret, String account) {
        return registered.computeIfAbsent(secret, key -> new SandboxKey(key, account(account)));
    }

    synchronized void script(Secret secret, List<Reply> replies) {
        scripts.computeIfAbsent(secret, key -> new ArrayDeque<>()).addAll(replies);
    }

    synchronized @Nullable Reply peekScript(Secret secret) {
        Deque<Reply> replies = scripts.get(secret);
        return replies == null ? null : replies.peekFirst();
    }

    synchronized @Nullable Reply nextScript(Secret secret) {
        Deque<Reply> replies = scripts.get(secret);
        return replies == null ? null : replies.pollFirst();
    }

    /** The credential of a request: Bearer, else {@code x-api-key}; null when there is none. */
    static @Nullable Secret credential(WireRequest request) {
        String authorization = request.first("Authorization");
        if (authorization != null && authorization.toLowerCase(Locale.ROOT).startsWith("bearer ")) {
            return new Secret(authorization.substring(7).trim());
        }
        String apiKey = request.first("x-api-key");
        return apiKey == null || apiKey.isEmpty() ? null : new Secret(apiKey);
    }

    /** The key a request may use. @throws RefusedException 401 */
    synchronized SandboxKey authenticate(@Nullable Secret credential) {
        if (credential == null) {
            throw new RefusedException(ApiError.missingCredential());
        }
        SandboxKey key = registered.get(credential);
        if (key == null && registered.isEmpty() && credential.reveal().startsWith("sk-or-")) {
            key = guests.computeIfAbsent(credential, secret -> new SandboxKey(secret, account(DEFAULT)));
        }
        if (key == null || key.disabled()) {
            throw new RefusedException(ApiError.badCredential());
        }
        return key;
    }
}
