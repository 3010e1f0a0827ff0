package dev.keyway.sandbox;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/** A certificate authority that lives in memory: EC P-256, SHA-256, X.509 v3 (RFC 5280). */
final class Authority {
    private static final String ECDSA_SHA256 = "1.2.840.10045.4.3.2";
    private static final Duration LIFE = Duration.ofDays(30);
    private final SecureRandom random = new SecureRandom();
    private final String name;
    private final KeyPair keys;
    private final X509Certificate certificate;

    Authority(String name, Instant now) throws GeneralSecurityException {
        this.name = name;
        this.keys = newKeys();
        byte[] constraints = extension("2.5.29.19", true, Der.sequence(Der.yes()));
        byte[] usage = extension("2.5.29.15", true, Der.bits(new byte[] {0x06}, 1));
        Instant begin = now.minus(Duration.ofDays(60));
        this.certificate = sign(name, keys.getPublic(), begin, now.plus(LIFE), constraints, usage);
    }

    X509Certificate certificate() {
        return certificate;
    }

    KeyPair newKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        return generator.generateKeyPair();
    }

    /** A certificate for a server of these alternative names, as {@link #dns} and {@link #loopback} make them. */
    X509Certificate issue(PublicKey key, Instant from, Instant until, byte[]... names) throws GeneralSecurityException {
        return sign(
                "Keyway stand-in server",
                key,
                from,
                until,
                extension("2.5.29.19", true, Der.sequence()),
                extension("2.5.29.15", true, Der.bits(new byte[] {(byte) 0x80}, 7)),
                extension("2.5.29.37", false, Der.sequence(Der.oid("1.3.6.1.5.5.7.3.1"))),
                extension("2.5.29.17", false, Der.sequence(names)));
    }

    static byte[] dns(String host) {
        return Der.implicit(2, host.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    static byte[] loopback() {
        return Der.implicit(7, new byte[] {127, 0, 0, 1});
    }

    private X509Certificate sign(String subject, PublicKey key, Instant from, Instant until, byte[]... extensions)
            throws GeneralSecurityException {
        byte[] algorithm = Der.sequence(Der.oid(ECDSA_SHA256));
        byte[] identifiers = Der.join(
                extension("2.5.29.14", false, Der.octets(identifier(key))),
                extension("2.5.29.35", false, Der.sequence(Der.implicit(0, identifier(keys.getPublic())))));
        byte[] body = Der.sequence(
                Der.explicit(0, Der.integer(BigInteger.TWO)),
                Der.integer(new BigInteger(63, random).add(BigInteger.ONE)),
                algorithm,
                common(name),
                Der.sequence(Der.shortTime(from), Der.shortTime(until)),
                common(subject),
                key.getEncoded(),
                Der.explicit(3, Der.sequence(Der.join(extensions), identifiers)));
        byte[] whole = Der.sequence(body, algorithm, Der.bits(signature(keys.getPrivate(), body), 0));
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(whole));
    }

    private static byte[] signature(PrivateKey key, byte[] body) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key);
        signature.update(body);
        return signature.sign();
    }

    private static byte[] identifier(PublicKey key) throws GeneralSecurityException {
        return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()), 20);
    }

    private static byte[] common(String name) {
        return Der.sequence(Der.set(Der.sequence(Der.oid("2.5.4.3"), Der.utf8(name))));
    }

    private static byte[] extension(String oid, boolean critical, byte[] value) {
        return critical
                ? Der.sequence(Der.oid(oid), Der.yes(), Der.octets(value))
                : Der.sequence(Der.oid(oid), Der.octets(value));
    }
}
