package dev.keyway.cli;

import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigSource;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs command lines of {@code keys} in this process, with somebody at the keyboard or not. */
final class CommandRun {
    static final Instant NOW = Instant.parse("2026-11-27T18:00:00Z");

    final Map<String, String> environment = new HashMap<>();
    final Map<String, String> systemProperties = new HashMap<>();
    final List<String> questions = new ArrayList<>();
    private final Path folder;
    private final Deque<String> typed = new ArrayDeque<>();
    private boolean present = true;
    private String piped = "";
    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();
    private final StringBuilder everything = new StringBuilder();

    CommandRun(Path folder) {
        this.folder = folder;
    }

    /** What will be typed, line by line; behind it the input ends. */
    CommandRun types(String... lines) {
        typed.addAll(List.of(lines));
        return this;
    }

    CommandRun pipes(String text) {
        present = false;
        piped = text;
        return this;
    }

    CommandRun withoutTerminal() {
        present = false;
        return this;
    }

    int run(String... args) {
        out = new StringWriter();
        err = new StringWriter();
        CommandContext context = new CommandContext(
                environment,
                systemProperties,
                folder,
                new PrintWriter(out),
                new PrintWriter(err),
                terminal(),
                InstantSource.fixed(NOW),
                ZoneOffset.ofHours(1));
        int exit = KeywayCommand.run(args, context, new NoDoors());
        everything.append(out).append(err);
        return exit;
    }

    /** Of the last run. */
    List<String> out() {
        return out.toString().lines().toList();
    }

    /** Of the last run. */
    List<String> err() {
        return err.toString().lines().toList();
    }

    /** Of all runs, both. */
    String everything() {
        return everything.toString();
    }

    private Terminal terminal() {
        return new Terminal() {
            @Override
            public boolean isPresent() {
                return present;
            }

            @Override
            public Optional<String> askSecret(String question) {
                questions.add(question);
                return Optional.ofNullable(typed.poll());
            }

            @Override
            public Optional<String> ask(String question) {
                return askSecret(question);
            }

            @Override
            public InputStream piped() {
                return new ByteArrayInputStream(piped.getBytes(StandardCharsets.UTF_8));
            }
        };
    }

    private static final class NoDoors implements Doors {
        @Override
        public int gateway(ConfigSource loaded, CommandContext context) {
            throw new AssertionError("the gateway was started");
        }

        @Override
        public int demo(ConfigInputs inputs, CommandContext context) {
            throw new AssertionError("the demo was started");
        }

        @Override
        public int sandbox(SandboxFlags flags, CommandContext context) {
            throw new AssertionError("the sandbox was started");
        }
    }
}
