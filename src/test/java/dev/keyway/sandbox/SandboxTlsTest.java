package dev.keyway.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.time.InstantSource;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxTlsTest {
    @TempDir
    private Path folder;

    private static Sandbox start(SandboxTls tls) throws IOException {
        return Sandbox.start(SandboxOptions.forTests().withTls(tls));
    }

    private static SandboxTls tls(SandboxTls.Variant variant) throws Exception {
        return SandboxTls.create(variant, InstantSource.system());
    }

    /** Trusts what the PEM file holds and nothing else. */
    private SSLContext trusting(SandboxTls tls) throws Exception {
        Path pem = tls.writeAuthority(folder.resolve("ca.pem"));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(pem)) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static int get(Sandbox sandbox, SSLContext context, String host) throws IOException {
        String url = sandbox.baseUrl() + "/models/count";
        HttpURLConnection connection = (HttpURLConnection)
                java.net.URI.create(url.replace("127.0.0.1", host)).toURL().openConnection();
        ((HttpsURLConnection) connection).setSSLSocketFactory(context.getSocketFactory());
        connection.setReadTimeout(500);
        try {
            return connection.getResponseCode();
        } finally {
            connection.disconnect();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1"})
    void right_certificate_is_trusted_by_name_and_by_address(String host) throws Exception {
        SandboxTls tls = tls(SandboxTls.Variant.RIGHT);
        try (Sandbox sandbox = start(tls)) {
            assertThat(sandbox.baseUrl().getScheme()).isEqualTo("https");
            assertThat(get(sandbox, trusting(tls), host)).isEqualTo(200);
        }
    }

    @Test
    void certificate_of_another_name_is_refused_for_its_name() throws Exception {
        SandboxTls tls = tls(SandboxTls.Variant.WRONG_NAME);
        try (Sandbox sandbox = start(tls)) {
            assertThatThrownBy(() -> get(sandbox, trusting(tls), "localhost"))
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("localhost");
            assertThat(sandbox.received()).isEmpty();
        }
    }

    @Test
    void expired_certificate_is_refused_for_its_age() throws Exception {
        SandboxTls tls = tls(SandboxTls.Variant.EXPIRED);
        try (Sandbox sandbox = start(tls)) {
            assertThatThrownBy(() -> get(sandbox, trusting(tls), "localhost"))
                    .isInstanceOf(SSLException.class)
                    .hasRootCauseInstanceOf(CertificateExpiredException.class);
        }
    }

    @Test
    void unknown_authority_is_refused_for_want_of_a_path() throws Exception {
        SandboxTls tls = tls(SandboxTls.Variant.UNKNOWN_AUTHORITY);
        try (Sandbox sandbox = start(tls)) {
            assertThatThrownBy(() -> get(sandbox, trusting(tls), "localhost"))
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("path");
        }
    }

    @Test
    void stalled_handshake_never_says_a_word() throws Exception {
        SandboxTls tls = tls(SandboxTls.Variant.STALLED);
        try (Sandbox sandbox = start(tls)) {
            assertThatThrownBy(() -> get(sandbox, trusting(tls), "localhost"))
                    .isInstanceOf(SocketTimeoutException.class);
            assertThat(sandbox.connections()).isEqualTo(1);
        }
    }

    @Test
    void streams_and_their_faults_work_over_tls() throws Exception {
        SandboxTls tls = tls(SandboxTls.Variant.RIGHT);
        String json =
                "{\"model\":\"sandbox/cut:2\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
        try (Sandbox sandbox = start(tls);
                SSLSocket socket =
                        (SSLSocket) trusting(tls).getSocketFactory().createSocket("127.0.0.1", sandbox.port());
                RawClient client = new RawClient(socket)) {
            RawClient.Answer cut = client.post("/chat/completions", json).answer();

            assertThat(cut.status()).isEqualTo(200);
            assertThat(cut.whole()).isFalse();
        }
    }

    @Test
    void authority_file_is_pem() throws Exception {
        SandboxTls tls = tls(SandboxTls.Variant.RIGHT);

        String pem = Files.readString(tls.writeAuthority(folder.resolve("x.pem")), StandardCharsets.US_ASCII);

        assertThat(pem).startsWith("-----BEGIN CERTIFICATE-----\n").endsWith("-----END CERTIFICATE-----\n");
        assertThat(tls.authority().getBasicConstraints()).isGreaterThanOrEqualTo(0);
    }
}
