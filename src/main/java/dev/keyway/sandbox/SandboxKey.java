package dev.keyway.sandbox;

import dev.keyway.wire.Secret;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** An API key of the stand-in, drawing on an {@link Account}. Amounts in USD. */
public final class SandboxKey {
    private final Secret secret;
    private final Account account;
    private BigDecimal used = BigDecimal.ZERO;
    private @Nullable BigDecimal limit;
    private boolean disabled;
    private boolean management;

    SandboxKey(Secret secret, Account account) {
        this.secret = secret;
        this.account = account;
    }

    public Secret secret() {
        return secret;
    }

    public Account account() {
        return account;
    }

    /** Sets what this key may spend in all; past it requests are answered 403. */
    public synchronized SandboxKey limit(String usd) {
        limit = new BigDecimal(usd);
        return this;
    }

    /** A disabled key is answered 401 like one that does not exist. */
    public synchronized SandboxKey disabled(boolean value) {
        disabled = value;
        return this;
    }

    /** A management key may ask for credits and keys, and may not run inference. */
    public synchronized SandboxKey management(boolean value) {
        management = value;
        return this;
    }

    public synchronized BigDecimal used() {
        return used;
    }

    synchronized boolean disabled() {
        return disabled;
    }

    synchronized boolean management() {
        return management;
    }

    synchronized @Nullable BigDecimal limit() {
        return limit;
    }

    synchronized boolean overLimit() {
        return limit != null && used.compareTo(limit) >= 0;
    }

    synchronized void charge(BigDecimal amount) {
        used = used.add(amount);
        account.charge(amount);
    }

    /** The masked form that OpenRouter shows: the first and last digits. */
    String label() {
        String value = secret.reveal();
        return value.length() < 24 ? "sk-or-..." : value.substring(0, 12) + "..." + value.substring(value.length() - 3);
    }
}
