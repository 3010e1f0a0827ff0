package dev.keyway.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a running gateway leaves in {@code data/gateway.json} for the command line.
 *
 * @param pid its process
 * @param url where it answers; null in a container that has seen no request yet
 * @param token good for its admin API from this machine while it runs
 */
record GatewayNote(long pid, @Nullable URI url, Secret token) {
    /** Below a home folder. */
    static final String FILE = "data/gateway.json";

    /**
     * Reads the note of a home folder; empty when there is none.
     *
     * @throws IOException when it can't be read, or is no such note; the message is for people
     */
    static Optional<GatewayNote> read(Path home) throws IOException {
        Path file = home.resolve(FILE);
        try {
            JsonNode note = Json.read(Files.readString(file));
            String token = note.path("token").asText("");
            if (!HeaderText.fits(token)) {
                throw new IOException(file + " is no note of a running gateway");
            }
            JsonNode url = note.path("url");
            return Optional.of(new GatewayNote(
                    note.path("pid").asLong(),
                    url.isTextual() ? GatewayUrl.parse(url.textValue()).orElse(null) : null,
                    new Secret(token)));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is no note of a running gateway");
        } catch (AccessDeniedException e) {
            throw new IOException(file + " can be read only by the user that runs Keyway");
        }
    }
}
