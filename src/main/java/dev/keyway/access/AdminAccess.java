package dev.keyway.access;

import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.Secret;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may administer; a pure function of the request's head. An access key opens nothing here.
 *
 * <p>In this order: web pages of other origins are refused unless {@code cors.allowed_origins} names them, where {@code *}
 * names none; the token of the running process is good from this machine; where {@code admin.secret} is set nothing else
 * is good; where it is not, every local request is.
 */
public final class AdminAccess {
    private final byte @Nullable [] secret;
    private final byte[] token;
    private final AllowedOrigins allowedOrigins;

    /** @param token known to who can read this process's files; at least 128 random bits */
    public AdminAccess(AdminOptions options, List<String> allowedOrigins, Secret token) {
        this.secret = options.secret() == null ? null : options.secret().digest();
        this.token = token.digest();
        this.allowedOrigins = new AllowedOrigins(allowedOrigins);
    }

    /**
     * All that the decision rests on.
     *
     * @param shown {@code Authorization: Bearer}, else {@code X-Admin-Secret}
     * @param origin the {@code Origin} header; null without one
     * @param preflight whether it is a browser's {@code OPTIONS} before the request itself
     */
    record Facts(ShownCredential shown, Peer peer, @Nullable String origin, boolean preflight) {}

    /** Whether nobody is an admin without a credential, wherever he is. */
    boolean needsCredential() {
        return secret != null;
    }

    AdminDecision decide(Facts facts) {
        boolean foreign = AllowedOrigins.isForeign(facts.origin(), facts.peer());
        if (foreign && (facts.origin() == null || !allowedOrigins.name(facts.origin()))) {
            return refused("this web page's origin may not administer; allowed: Keyway's own origin and those named in"
                    + " cors.allowed_origins (ALLOWED_ORIGINS)");
        }
        if (foreign && facts.preflight()) {
            return new AdminDecision.Granted(AdminDecision.By.PREFLIGHT);
        }
        return withCredential(facts.shown(), facts.peer());
    }

    /** Both are compared, whichever matches: the time taken tells nothing. */
    private AdminDecision withCredential(ShownCredential shown, Peer peer) {
        byte[] digest =
                shown instanceof ShownCredential.Shown some ? some.secret().digest() : new byte[0];
        boolean isToken = MessageDigest.isEqual(token, digest);
        boolean isSecret = secret != null && MessageDigest.isEqual(secret, digest);
        if (isToken && peer.isNear()) {
            return new AdminDecision.Granted(AdminDecision.By.TOKEN);
        }
        if (secret == null) {
            return peer.isLocal()
                    ? new AdminDecision.Granted(AdminDecision.By.LOCAL)
                    : refused("only programs on Keyway's own machine may administer: set admin.secret and send it as a"
                            + " Bearer token or as X-Admin-Secret" + peer.hint());
        }
        if (isSecret) {
            return new AdminDecision.Granted(AdminDecision.By.SECRET);
        }
        return shown instanceof ShownCredential.Shown
                ? new AdminDecision.WrongSecret()
                : new AdminDecision.Refused(
                        ErrorCode.AUTHENTICATION,
                        "the admin secret is missing: send it as a Bearer token or as X-Admin-Secret");
    }

    private static AdminDecision refused(String message) {
        return new AdminDecision.Refused(ErrorCode.PERMISSION, message);
    }
}
