package dev.keyway.access;

import dev.keyway.exchange.Api;
import dev.keyway.exchange.Client;
import dev.keyway.exchange.Credential;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.Secret;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides who a caller is and whose key goes upstream for them; a pure function of {@link CallerFacts}.
 *
 * <p>In this order: strange web pages are kept from an open pool; public endpoints need nothing and get no key; an access
 * key means the pool, for a client of some models only where its model can be read; a passed-through key goes as it is; where access keys exist nothing else is good; else the pool is
 * open, to local requests only; and where there is no pool the caller's own credential is forwarded.
 */
public final class Access {
    static final String INVALID_KEY = "Invalid access key";
    private static final String OWN_KEY_START = "sk-or-";
    private static final Set<String> READING = Set.of("GET", "HEAD");
    private static final String ROUTES_WITH_MODEL =
            Arrays.stream(Api.values()).filter(Api::rewritten).map(Api::path).collect(Collectors.joining(", "));

    private final AccessOptions options;
    private final List<Known> accessKeys;
    private final PublicEndpoints publicEndpoints;
    private final AccountPolicy accountPolicy;
    private final AllowedOrigins allowedOrigins;

    public Access(AccessOptions options) {
        this.options = options;
        this.accessKeys = options.accessKeys().stream()
                .map(key -> new Known(
                        new Client(key.name(), new Credential.Pool(), key.stripComments(), key.models()), key.digest()))
                .toList();
        this.publicEndpoints = new PublicEndpoints(options.publicEndpoints());
        this.accountPolicy = new AccountPolicy(options.accountRoutes());
        this.allowedOrigins = new AllowedOrigins(options.allowedOrigins());
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    private record Known(Client client, byte[] digest) {}

    public AccessDecision decide(CallerFacts facts) {
        if (facts.method().equals("OPTIONS")) {
            // Answered by Keyway itself; a browser's preflight carries no credential.
            return granted(Client.LOCAL, new Credential.None());
        }
        boolean openPool = facts.poolHasKeys() && accessKeys.isEmpty();
        if (openPool && isForeign(facts.origin(), facts.peer())) {
            return refused("this web page's origin may not call; allowed: Keyway's own origin and those listed in"
                    + " cors.allowed_origins (ALLOWED_ORIGINS)");
        }
        Optional<Client> known = clientOf(facts.shown());
        if (publicEndpoints.contain(facts.method(), facts.path())) {
            return granted(known.map(Client::name).orElse(Client.LOCAL), new Credential.None());
        }
        return known.isPresent() ? withPool(known.get(), facts) : withoutAccessKey(facts, openPool);
    }

    private AccessDecision withoutAccessKey(CallerFacts facts, boolean openPool) {
        if (facts.shown() instanceof ShownCredential.Shown shown
                && options.passthrough()
                && shown.secret().reveal().startsWith(OWN_KEY_START)) {
            return own(shown.secret());
        }
        if (!accessKeys.isEmpty()) {
            return new AccessDecision.Refused(ErrorCode.AUTHENTICATION, problem(facts.shown()));
        }
        if (openPool) {
            return options.allowOpen() || facts.peer().isLocal()
                    ? withPool(new Client(Client.LOCAL, new Credential.Pool()), facts)
                    : refused("only programs on Keyway's own machine may call: set server.access_key and send it as a"
                            + " Bearer token, or set server.allow_open to serve everyone"
                            + facts.peer().hint());
        }
        return facts.shown() instanceof ShownCredential.Shown shown
                ? own(shown.secret())
                : granted(Client.LOCAL, new Credential.None());
    }

    private AccessDecision withPool(Client client, CallerFacts facts) {
        if (client.models().restrict() && !showsItsModel(facts)) {
            return refused(
                    "the client \"" + client.name() + "\" may use some models only, and which one is asked for can't be"
                            + " told on this route; allowed are GET, and POST to " + ROUTES_WITH_MODEL);
        }
        return accountPolicy.permits(facts.method(), facts.path())
                ? new AccessDecision.Granted(client)
                : refused("this route manages the account behind the gateway's keys: openrouter.account_routes is "
                        + options.accountRoutes().name().toLowerCase(Locale.ROOT));
    }

    /** Whether what is asked for names no model, or where Keyway reads it: {@link Api#rewritten()}. */
    private static boolean showsItsModel(CallerFacts facts) {
        return READING.contains(facts.method())
                || Api.of(facts.method(), facts.path().rest()).rewritten();
    }

    private boolean isForeign(@Nullable String origin, Peer peer) {
        return origin != null && !allowedOrigins.contain(origin) && AllowedOrigins.isForeign(origin, peer);
    }

    /** All keys are compared, whichever matches: the time taken tells nothing. */
    private Optional<Client> clientOf(ShownCredential shown) {
        if (!(shown instanceof ShownCredential.Shown credential)) {
            return Optional.empty();
        }
        byte[] digest = credential.secret().digest();
        Optional<Client> client = Optional.empty();
        for (Known key : accessKeys) {
            if (MessageDigest.isEqual(key.digest(), digest)) {
                client = Optional.of(key.client());
            }
        }
        return client;
    }

    private static String problem(ShownCredential shown) {
        return shown instanceof ShownCredential.Absent absent ? absent.problem() : INVALID_KEY;
    }

    private static AccessDecision own(Secret secret) {
        return granted(secret.id(), new Credential.Own(secret));
    }

    private static AccessDecision granted(String client, Credential credential) {
        return new AccessDecision.Granted(new Client(client, credential));
    }

    private static AccessDecision refused(String message) {
        return new AccessDecision.Refused(ErrorCode.PERMISSION, message);
    }
}
