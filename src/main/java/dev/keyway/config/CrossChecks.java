package dev.keyway.config;

import static dev.keyway.config.Settings.ACCESS_KEY;
import static dev.keyway.config.Settings.ACCESS_KEYS;

import dev.keyway.access.AccessKey;
import dev.keyway.catalogue.CatalogueOptions;
import dev.keyway.upstream.OutgoingProxyOptions;
import dev.keyway.wire.Durations;
import dev.keyway.wire.Network;
import dev.keyway.wire.Sizes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.HashSet;
import java.util.Set;

/** What no setting can tell alone: values that contradict each other, or name a file that is not there. */
final class CrossChecks {
    private static final int LARGEST_CA_FILE = 16 * 1024 * 1024;
    private final Values values;
    private final GatewayConfig config;
    private final Problems problems;

    CrossChecks(Values values, GatewayConfig config, Problems problems) {
        this.values = values;
        this.config = config;
        this.problems = problems;
    }

    void run() {
        homeIsAFolder();
        accessKeysDiffer();
        accessKeysAreNoPoolKeys();
        adminSecretIsNothingElse();
        caFileHoldsCertificates();
        proxiesAreSome();
        outgoingProxyIsOne();
        freeModelsAreKnown();
        pagesFit();
        bodyFits();
        shorterTimeoutWins();
        keysStayPrivate();
        IdentitySettings.check(values, problems);
    }

    private void homeIsAFolder() {
        if (Files.exists(config.home()) && !Files.isDirectory(config.home())) {
            problems.add(Origin.of("home"), "", Masking.quoted(config.home().toString()) + " is not a folder");
        }
    }

    private void accessKeysDiffer() {
        values.get(ACCESS_KEY).ifPresent(single -> {
            for (AccessKey other : values.get(ACCESS_KEYS)) {
                if (other.name().equals(single.name())) {
                    problems.add(
                            values.origin(ACCESS_KEYS),
                            ACCESS_KEYS.path(),
                            "the name \"default\" is that of server.access_key");
                } else if (other.sha256().equals(single.sha256())) {
                    problems.add(
                            values.origin(ACCESS_KEYS),
                            ACCESS_KEYS.path(),
                            "\"" + Masking.visible(other.name()) + "\" has the same key as server.access_key");
                }
            }
        });
    }

    private void accessKeysAreNoPoolKeys() {
        Set<String> pool = new HashSet<>();
        config.keys().keys().forEach(key -> pool.add(key.secret().id()));
        for (AccessKey key : config.access().accessKeys()) {
            if (pool.contains(KeyTypes.id(key))) {
                problems.add(
                        values.origin(key.name().equals("default") ? ACCESS_KEY : ACCESS_KEYS),
                        key.name().equals("default") ? ACCESS_KEY.path() : ACCESS_KEYS.path(),
                        "\"" + Masking.visible(key.name()) + "\" (" + KeyTypes.id(key)
                                + ") is a key of openrouter.keys;" + " callers need one of their own");
            }
        }
    }

    /** Whoever may call, or may read metrics, must not be an administrator by it. */
    private void adminSecretIsNothingElse() {
        AccessKey secret = config.admin().secret();
        if (secret == null) {
            return;
        }
        AccessKey metrics = config.metricsAccess().accessKey();
        boolean accessKey = config.access().accessKeys().stream()
                .anyMatch(key -> key.sha256().equals(secret.sha256()));
        boolean poolKey =
                config.keys().keys().stream().anyMatch(key -> key.secret().id().equals(KeyTypes.id(secret)));
        if (accessKey || poolKey || (metrics != null && metrics.sha256().equals(secret.sha256()))) {
            String other = accessKey ? "an access key" : poolKey ? "a key of openrouter.keys" : "metrics.access_key";
            problems.add(
                    values.origin(Settings.ADMIN_SECRET),
                    Settings.ADMIN_SECRET.path(),
                    "is also " + other + "; administrators need a secret of their own");
        }
    }

    private void caFileHoldsCertificates() {
        Path file = config.upstream().caFile();
        if (file == null) {
            return;
        }
        String wrong = "";
        try (InputStream in = Files.newInputStream(file)) {
            byte[] pem = in.readNBytes(LARGEST_CA_FILE + 1);
            if (pem.length > LARGEST_CA_FILE) {
                wrong = " is larger than " + Sizes.format(LARGEST_CA_FILE);
            } else if (CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem))
                    .isEmpty()) {
                wrong = " holds no certificate";
            }
        } catch (IOException e) {
            wrong = " is not readable";
        } catch (CertificateException e) {
            wrong = " is not a file of PEM certificates";
        }
        if (!wrong.isEmpty()) {
            problems.add(
                    values.origin(Settings.CA_FILE), Settings.CA_FILE.path(), Masking.quoted(file.toString()) + wrong);
        }
    }

    private void proxiesAreSome() {
        config.proxies().trusted().stream()
                .filter(Network::isEverything)
                .forEach(all -> problems.warn(
                        values.origin(Settings.TRUSTED_PROXIES),
                        Settings.TRUSTED_PROXIES.path(),
                        all + " is everybody: each client may say any address is its own"));
    }

    private void outgoingProxyIsOne() {
        if (!values.get(Settings.REQUEST_PROXY_ENABLED)) {
            return;
        }
        OutgoingProxyOptions proxy = config.upstream().proxy();
        URI base = config.upstream().baseUrl();
        int port = base.getPort() != -1 ? base.getPort() : "https".equalsIgnoreCase(base.getScheme()) ? 443 : 80;
        if (proxy == null) {
            problems.add(
                    values.origin(Settings.REQUEST_PROXY_ENABLED),
                    Settings.REQUEST_PROXY_ENABLED.path(),
                    "needs " + Settings.REQUEST_PROXY_URL.path() + ", such as socks5://proxy.example.com:1080");
        } else if (proxy.host().equalsIgnoreCase(base.getHost()) && proxy.port() == port) {
            problems.add(
                    values.origin(Settings.REQUEST_PROXY_URL),
                    Settings.REQUEST_PROXY_URL.path(),
                    "is the address of " + Settings.BASE_URL.path() + " itself");
        }
    }

    private void freeModelsAreKnown() {
        CatalogueOptions catalogue = config.catalogue();
        if (catalogue.freeOnly() && !catalogue.enabled()) {
            problems.add(
                    values.origin(Settings.FREE_ONLY),
                    Settings.FREE_ONLY.path(),
                    "needs " + Settings.ENABLE_CACHE.path() + ": a list that is handed on can't be shortened");
        }
    }

    private void pagesFit() {
        if (config.catalogue().defaultLimit() > config.catalogue().maxLimit()) {
            problems.add(
                    values.origin(Settings.DEFAULT_LIMIT),
                    Settings.DEFAULT_LIMIT.path(),
                    config.catalogue().defaultLimit() + " is more than " + Settings.MAX_LIMIT.path() + " ("
                            + config.catalogue().maxLimit() + ")");
        }
    }

    private void bodyFits() {
        long body = config.upstream().maxBody();
        long room = config.admission().maxBuffered();
        if (body > room) {
            problems.warn(
                    values.origin(Settings.MAX_BUFFERED),
                    Settings.MAX_BUFFERED.path(),
                    Sizes.format(room) + " is less than server.max_body (" + Sizes.format(body)
                            + "): a body larger than that is never taken");
        }
    }

    private void shorterTimeoutWins() {
        var first = config.upstream().firstByteTimeout();
        var total = config.upstream().totalTimeout();
        if (first.compareTo(total) > 0) {
            problems.warn(
                    values.origin(Settings.FIRST_BYTE_TIMEOUT),
                    Settings.FIRST_BYTE_TIMEOUT.path(),
                    Durations.format(first) + " is longer than upstream.total_timeout (" + Durations.format(total)
                            + "), which ends the wait of an answer that is no stream");
        }
    }

    private void keysStayPrivate() {
        URI base = config.upstream().baseUrl();
        String host = String.valueOf(base.getHost());
        boolean local = host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
        if ("http".equalsIgnoreCase(base.getScheme()) && !local) {
            problems.warn(
                    values.origin(Settings.BASE_URL),
                    Settings.BASE_URL.path(),
                    Masking.visible(base.toString()) + " is not encrypted: keys and prompts can be read on the way");
        }
    }
}
