package dev.keyway.keys.store;

import dev.keyway.wire.Secret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals keys with AES-256-GCM (NIST SP 800-38D): a random nonce of 96 bits each, the key's id as associated data, so that
 * what was sealed for one id opens for no other.
 *
 * <p>The sealing key comes from the master key, which may be a passphrase, by PBKDF2-HMAC-SHA512 in 210,000 rounds (OWASP
 * 2023; about half a second). Its salt is random and begins with this purpose's name: the same master key gives another
 * purpose another key.
 */
final class Seal {
    static final String CIPHER = "AES-256-GCM";
    static final String DERIVATION = "PBKDF2-HMAC-SHA512-210000";
    private static final int ROUNDS = 210_000;
    private static final int KEY_BITS = 256;
    private static final int SALT_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final String PURPOSE = "keyway keys.json 1\n";
    /** No id looks like it. */
    private static final String CHECK = "check";

    private final byte[] salt;
    private final SecretKeySpec key;
    private final SecureRandom random;
    private final Map<String, Sealed> known = new ConcurrentHashMap<>();

    /** A key as it was sealed once; sealed again only when it changes, so that nonces don't run out. */
    private record Sealed(Secret secret, String text) {}

    private Seal(byte[] salt, SecretKeySpec key, SecureRandom random) {
        this.salt = salt;
        this.key = key;
        this.random = random;
    }

    /** For a file that has sealed nothing yet. */
    static Seal fresh(Secret masterKey) {
        SecureRandom random = new SecureRandom();
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return new Seal(salt, derive(masterKey, salt), random);
    }

    /** For a file whose salt this is. */
    static Seal of(Secret masterKey, byte[] salt) {
        return new Seal(salt.clone(), derive(masterKey, salt), new SecureRandom());
    }

    private static SecretKeySpec derive(Secret masterKey, byte[] salt) {
        byte[] purpose = PURPOSE.getBytes(StandardCharsets.UTF_8);
        byte[] salted = ByteBuffer.allocate(purpose.length + salt.length)
                .put(purpose)
                .put(salt)
                .array();
        PBEKeySpec spec = new PBEKeySpec(masterKey.reveal().toCharArray(), salted, ROUNDS, KEY_BITS);
        try {
            byte[] derived = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                    .generateSecret(spec)
                    .getEncoded();
            return new SecretKeySpec(derived, "AES");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has PBKDF2WithHmacSHA512", e);
        } finally {
            spec.clearPassword();
        }
    }

    String salt() {
        return Base64.getEncoder().encodeToString(salt);
    }

    /** What opens only under the same master key. */
    String check() {
        return seal(CHECK, new Secret(CHECK));
    }

    boolean passes(String check) {
        try {
            return open(CHECK, check).reveal().equals(CHECK);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The key in Base64: nonce, then ciphertext with its tag. */
    String seal(String id, Secret secret) {
        Sealed before = known.get(id);
        if (before != null && before.secret().equals(secret)) {
            return before.text();
        }
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] ciphertext = cipher(Cipher.ENCRYPT_MODE, nonce, id)
                    .doFinal(secret.reveal().getBytes(StandardCharsets.UTF_8));
            String text = Base64.getEncoder()
                    .encodeToString(ByteBuffer.allocate(NONCE_BYTES + ciphertext.length)
                            .put(nonce)
                            .put(ciphertext)
                            .array());
            known.put(id, new Sealed(secret, text));
            return text;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES/GCM", e);
        }
    }

    /**
     * The key that was sealed for this id.
     *
     * @throws GeneralSecurityException when it was sealed under another master key or for another id, or was changed
     */
    Secret open(String id, String sealed) throws GeneralSecurityException {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(sealed);
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("no Base64", e);
        }
        // A shorter one makes some Java platforms throw what no caller expects.
        if (bytes.length < NONCE_BYTES + TAG_BITS / Byte.SIZE) {
            throw new GeneralSecurityException("shorter than nonce and tag");
        }
        byte[] nonce = Arrays.copyOf(bytes, NONCE_BYTES);
        byte[] clear = cipher(Cipher.DECRYPT_MODE, nonce, id).doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES);
        Secret secret = new Secret(new String(clear, StandardCharsets.UTF_8));
        known.put(id, new Sealed(secret, sealed));
        return secret;
    }

    /** Forgets keys that are kept no longer. */
    void keepOnly(Collection<String> ids) {
        known.keySet().removeIf(id -> !id.equals(CHECK) && !ids.contains(id));
    }

    private Cipher cipher(int mode, byte[] nonce, String id) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(id.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
