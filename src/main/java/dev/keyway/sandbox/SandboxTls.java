package dev.keyway.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocketFactory;

/**
 * What a {@link Sandbox} shows as its certificate: made fresh in memory, right, or wrong in one way. The authority to
 * trust is written with {@link #writeAuthority}, for {@code upstream.ca_file}.
 */
public final class SandboxTls {
    /** Right, or wrong in one way. */
    public enum Variant {
        /** For {@code localhost} and 127.0.0.1, signed by the authority. */
        RIGHT,
        /** For another host. */
        WRONG_NAME,
        /** Run out yesterday. */
        EXPIRED,
        /** Signed by an authority that is not the one written. */
        UNKNOWN_AUTHORITY,
        /** None at all: the connection is accepted and nothing is ever said. */
        STALLED
    }

    private static final char[] NO_PASSWORD = "sandbox".toCharArray();
    private final Variant variant;
    private final X509Certificate authority;
    private final SSLContext context;

    private SandboxTls(Variant variant, X509Certificate authority, SSLContext context) {
        this.variant = variant;
        this.authority = authority;
        this.context = context;
    }

    /**
     * Makes keys and certificates.
     *
     * @param clock the wall time that clients check certificates by; a certificate is good for 30 days from it
     * @throws GeneralSecurityException when this Java lacks EC or TLS
     */
    public static SandboxTls create(Variant variant, InstantSource clock) throws GeneralSecurityException {
        Instant now = clock.instant();
        Authority trusted = new Authority("Keyway stand-in authority", now);
        Authority signer = variant == Variant.UNKNOWN_AUTHORITY ? new Authority("Some other authority", now) : trusted;
        KeyPair keys = signer.newKeys();
        Duration shift = variant == Variant.EXPIRED ? Duration.ofDays(31) : Duration.ZERO;
        Instant from = now.minus(Duration.ofDays(1)).minus(shift);
        Instant until = now.plus(Duration.ofDays(30)).minus(shift);
        X509Certificate certificate = variant == Variant.WRONG_NAME
                ? signer.issue(keys.getPublic(), from, until, Authority.dns("elsewhere.example"))
                : signer.issue(keys.getPublic(), from, until, Authority.dns("localhost"), Authority.loopback());
        return new SandboxTls(variant, trusted.certificate(), context(keys, certificate, signer));
    }

    private static SSLContext context(KeyPair keys, X509Certificate certificate, Authority signer)
            throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            Certificate[] chain = {certificate, signer.certificate()};
            store.setKeyEntry("server", keys.getPrivate(), NO_PASSWORD, chain);
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(store, NO_PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (IOException e) {
            throw new GeneralSecurityException("a key store in memory could not be made", e);
        }
    }

    public Variant variant() {
        return variant;
    }

    /** The certificate of the authority that a client is to trust. */
    public X509Certificate authority() {
        return authority;
    }

    /** Writes the authority's certificate as PEM. @return the file */
    public Path writeAuthority(Path file) throws IOException {
        try {
            byte[] lineEnd = "\n".getBytes(StandardCharsets.US_ASCII);
            String text = Base64.getMimeEncoder(64, lineEnd).encodeToString(authority.getEncoded());
            return Files.writeString(file, "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n");
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificate can't be encoded", e);
        }
    }

    boolean stalls() {
        return variant == Variant.STALLED;
    }

    SSLServerSocketFactory serverSocketFactory() {
        return context.getServerSocketFactory();
    }
}
