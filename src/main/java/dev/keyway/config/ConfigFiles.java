package dev.keyway.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds and reads the files of a configuration: UTF-8, at most 1 MiB each. */
final class ConfigFiles {
    static final int LARGEST = 1024 * 1024;

    private final ConfigInputs inputs;
    private final Home home;
    private final Problems problems;

    ConfigFiles(ConfigInputs inputs, Home home, Problems problems) {
        this.inputs = inputs;
        this.home = home;
        this.problems = problems;
    }

    /** A file that was read; the name is as a person would find it from the working folder. */
    record Text(String name, String content) {}

    /** {@code --config}, {@code KEYWAY_CONFIG}, {@code keyway.config}, else {@code keyway.yml} or {@code config.yml}. */
    @Nullable
    Text yaml() {
        Named named = namedYaml();
        if (named != null) {
            return named(named.source(), named.path());
        }
        List<Path> found = yamlInHome().stream().filter(Files::exists).toList();
        if (found.size() == 2) {
            problems.warn(Origin.of(name(found.get(1))), "", "not read, because keyway.yml stands beside it");
        }
        return found.isEmpty() ? null : read(found.get(0), name(found.get(0)));
    }

    /** Every file that has a say, or would if it were there. */
    List<Path> all() {
        Named named = namedYaml();
        List<Path> all = new ArrayList<>(named == null ? yamlInHome() : List.of(file(named.path())));
        String envFile = inputs.overrides().get("--env-file");
        if (envFile != null) {
            all.add(file(envFile));
        }
        all.add(home.folder().resolve(".env"));
        return all;
    }

    /** A path, and the flag, variable or property that names it. */
    private record Named(String source, String path) {}

    private @Nullable Named namedYaml() {
        String flag = inputs.overrides().get("--config");
        if (flag != null) {
            return new Named("--config", flag);
        }
        String variable = Home.named(inputs.environment(), "KEYWAY_CONFIG");
        if (variable != null) {
            return new Named("KEYWAY_CONFIG", variable);
        }
        String property = Home.named(inputs.systemProperties(), "keyway.config");
        return property == null ? null : new Named("keyway.config", property);
    }

    private List<Path> yamlInHome() {
        return List.of(home.folder().resolve("keyway.yml"), home.folder().resolve("config.yml"));
    }

    private Path file(String path) {
        return inputs.workingFolder().resolve(path).normalize();
    }

    /** The file of {@code --env-file}. */
    @Nullable
    Text envFile() {
        String flag = inputs.overrides().get("--env-file");
        return flag == null ? null : named("--env-file", flag);
    }

    /** {@code .env} in home. */
    @Nullable
    Text dotEnv() {
        Path file = home.folder().resolve(".env");
        return Files.exists(file) ? read(file, name(file)) : null;
    }

    private @Nullable Text named(String source, String path) {
        Path file;
        try {
            file = file(path);
        } catch (InvalidPathException e) {
            problems.add(Origin.of(source), "", Masking.quoted(path) + " is no path here");
            return null;
        }
        if (!Files.isRegularFile(file)) {
            problems.add(Origin.of(source), "", "there is no file " + Masking.quoted(file.toString()));
            return null;
        }
        return read(file, name(file));
    }

    private @Nullable Text read(Path file, String name) {
        return read(file, name, LARGEST, problems);
    }

    /** Reads one file; null when it can't be, or has more bytes than {@code largest}, which is then a problem. */
    static @Nullable Text read(Path file, String name, int largest, Problems problems) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(largest + 1);
            if (bytes.length > largest) {
                problems.add(Origin.of(name), "", "larger than " + largest / LARGEST + " MiB");
                return null;
            }
            String content = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return new Text(name, content.startsWith("\ufeff") ? content.substring(1) : content);
        } catch (CharacterCodingException e) {
            problems.add(Origin.of(name), "", "not UTF-8 text");
        } catch (IOException e) {
            problems.add(Origin.of(name), "", "not readable: " + e.getClass().getSimpleName());
        }
        return null;
    }

    private String name(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        return absolute.startsWith(inputs.workingFolder())
                ? inputs.workingFolder().relativize(absolute).toString()
                : absolute.toString();
    }
}
