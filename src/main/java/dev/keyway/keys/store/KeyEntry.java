package dev.keyway.keys.store;

import dev.keyway.keys.KeySource;
import dev.keyway.keys.KeyState;
import dev.keyway.keys.StoredKey;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One key of the file while it is read. */
final class KeyEntry {
    private static final Pattern ID = Pattern.compile("k_[0-9a-f]{8,64}");
    private static final int PREFIX = 2;

    private final StrictJson json;
    private @Nullable String id;
    private @Nullable String key;
    private @Nullable String sealed;
    private @Nullable String label;
    private @Nullable String account;
    private @Nullable KeySource source;
    private KeyState state = KeyState.ACTIVE;
    private @Nullable String reason;
    private @Nullable Instant until;
    private int failures;
    private int refusals;
    private @Nullable Instant freeUntil;
    private @Nullable Instant lastUsed;
    private long served;
    private long failed;
    private @Nullable Instant retired;

    KeyEntry(StrictJson json) {
        this.json = json;
    }

    void member(String name) throws IOException {
        switch (name) {
            case "id" -> id = json.text();
            case "key" -> key = json.text();
            case "sealed" -> sealed = json.text();
            case "label" -> label = json.text();
            case "account" -> account = json.text();
            case "source" -> source = json.word(KeySource.values(), KeySource::word);
            case "state" -> state = json.word(KeyState.values(), KeyState::word);
            case "reason" -> reason = json.text();
            case "until" -> until = json.instant();
            case "failures" -> failures = small();
            case "refusals" -> refusals = small();
            case "free_until" -> freeUntil = json.instant();
            case "last_used" -> lastUsed = json.instant();
            case "served" -> served = json.count();
            case "failed" -> failed = json.count();
            case "retired" -> retired = json.instant();
            default ->
                throw json.problem(
                        "unknown member; known: id, key, sealed, label, account, source, state, reason, until,"
                                + " failures, refusals, free_until, last_used, served, failed, retired");
        }
    }

    private int small() throws IOException {
        return (int) Math.min(json.count(), Integer.MAX_VALUE);
    }

    /**
     * The key, once its last member was read.
     *
     * @param seal what the file's keys are sealed with; null when they stand in clear
     */
    StoredKey read(@Nullable Seal seal) throws IOException {
        if (id == null || !ID.matcher(id).matches()) {
            throw json.problem("this key has no \"id\" of the form k_ and 8 or more hex digits");
        }
        Secret secret = secret(id, seal);
        if (secret != null && !secret.id(id.length() - PREFIX).equals(id)) {
            throw json.problem(
                    "the key under " + id + " is another one: its id would be " + secret.id(id.length() - PREFIX));
        }
        KeySource from = source != null ? source : secret != null ? KeySource.FILE : KeySource.CONFIG;
        if (from.isStored() != (secret != null)) {
            throw json.problem(id + " of source \"" + from.word() + "\" must "
                    + (from.isStored() ? "have its \"key\" or \"sealed\" here" : "not have its key here"));
        }
        return new StoredKey(
                id, secret, label, account, from, state, reason, until, failures, refusals, freeUntil, lastUsed, served,
                failed, retired);
    }

    private @Nullable Secret secret(String owner, @Nullable Seal seal) throws IOException {
        if (sealed == null) {
            return key == null ? null : new Secret(key);
        }
        if (key != null) {
            throw json.problem(owner + " has both \"key\" and \"sealed\"");
        }
        if (seal == null) {
            throw json.problem(owner + " is sealed, but no \"encryption\" stands before \"keys\"");
        }
        try {
            return seal.open(owner, sealed);
        } catch (GeneralSecurityException e) {
            throw json.problem("what is sealed under " + owner + " was changed, or was sealed for another key");
        }
    }
}
