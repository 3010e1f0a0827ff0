package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatewayFileTest {
    private static final Instant STARTED = Instant.parse("2026-11-27T12:00:00Z");

    @TempDir
    private Path home;

    private final Secret token = GatewayFile.newToken(new SecureRandom());

    private GatewayFile file(Secret secret) {
        return new GatewayFile(home, secret, STARTED, Runnable::run);
    }

    private JsonNode read() throws IOException {
        return new ObjectMapper().readTree(Files.readAllBytes(home.resolve("data/gateway.json")));
    }

    @Test
    void it_says_who_runs_where_and_only_its_owner_may_read_it() throws IOException {
        file(token).listens("http://127.0.0.1:3000");

        assertThat(read().path("pid").asLong())
                .isEqualTo(ProcessHandle.current().pid());
        assertThat(read().path("url").textValue()).isEqualTo("http://127.0.0.1:3000");
        assertThat(read().path("token").textValue()).isEqualTo(token.reveal());
        assertThat(read().path("started").textValue()).isEqualTo("2026-11-27T12:00:00Z");
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("data/gateway.json"))))
                    .isEqualTo("rw-------");
        }
        try (Stream<Path> left = Files.list(home.resolve("data"))) {
            assertThat(left).hasSize(1);
        }
    }

    @Test
    void the_address_is_null_while_nobody_knows_it() throws IOException {
        file(token).listens(null);

        assertThat(read().path("url").isNull()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "http://0.0.0.0:3000, http://127.0.0.1:3000",
        "http://[::]:3000, http://127.0.0.1:3000",
        "http://[::1]:3000, http://[::1]:3000",
        "http://192.0.2.7:3000, http://192.0.2.7:3000",
        "http://localhost:3000, http://localhost:3000",
    })
    void all_addresses_of_the_machine_include_the_loopback_one(String bound, String told) {
        assertThat(GatewayFile.local(bound)).isEqualTo(told);
    }

    @Test
    void it_is_gone_after_the_end_and_comes_back_by_no_late_request() throws IOException {
        GatewayFile file = file(token);
        file.listens("http://127.0.0.1:3000");

        file.close();
        file.listens("http://127.0.0.1:3000");

        assertThat(home.resolve("data/gateway.json")).doesNotExist();
    }

    @Test
    void a_later_gateway_keeps_its_own() throws IOException {
        GatewayFile older = file(token);
        older.listens(null);
        Secret other = GatewayFile.newToken(new SecureRandom());
        file(other).listens("http://127.0.0.1:3000");

        older.close();

        assertThat(read().path("token").textValue()).isEqualTo(other.reveal());
    }

    @Test
    void tokens_are_256_bits_and_differ() {
        assertThat(token.reveal()).matches("[0-9a-f]{64}");
        assertThat(GatewayFile.newToken(new SecureRandom())).isNotEqualTo(token);
    }

    @Test
    void nothing_is_written_without_a_home_and_a_broken_one_does_not_stop_the_gateway() throws IOException {
        new GatewayFile(null, token, STARTED, Runnable::run).listens("http://127.0.0.1:3000");
        Files.writeString(home.resolve("data"), "a file in the way");

        file(token).listens("http://127.0.0.1:3000");
        file(token).close();

        assertThat(home.resolve("data")).isRegularFile();
    }
}
