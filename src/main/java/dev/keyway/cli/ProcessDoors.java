package dev.keyway.cli;

import dev.keyway.app.GatewayContextListener;
import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigProblem;
import dev.keyway.config.ConfigResult;
import dev.keyway.config.ConfigSource;
import dev.keyway.config.ServerOptions;
import dev.keyway.launch.EndOnExhaustedHeap;
import dev.keyway.launch.PortInUseException;
import dev.keyway.launch.StandaloneServer;
import dev.keyway.launch.StopSignals;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.sandbox.SandboxTls;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Starts the real things in this process and stays until {@link StopSignals} end it: exit code 0 after an end in order,
 * 143 or 130 after a further SIGTERM or SIGINT.
 */
final class ProcessDoors implements Doors {
    /** Begins as OpenRouter's keys do, and is good for nothing but the stand-in. */
    private static final List<String> DEMO_KEYS =
            List.of("sk-or-v1-" + "d".repeat(63) + "1", "sk-or-v1-" + "d".repeat(63) + "2");

    /** How long the rest may take once it is told to hurry. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    @Override
    public int gateway(ConfigSource loaded, CommandContext context) {
        return serve(loaded, context, url -> {});
    }

    @Override
    public int demo(ConfigInputs inputs, CommandContext context) {
        try (Sandbox sandbox = Sandbox.start(SandboxOptions.forPeople().withPort(0))) {
            ConfigSource source = new ConfigSource(inHomeOfItsOwn(inputs)
                    .with("openrouter.keys", String.join(",", DEMO_KEYS))
                    .with("openrouter.base_url", sandbox.baseUrl().toString())
                    .with("server.http_log_level", "WARN"));
            if (source.load() instanceof ConfigResult.Refused refused) {
                refused.problems().stream().map(ConfigProblem::line).forEach(context.err()::println);
                return ExitCodes.REFUSED;
            }
            return serve(source, context, url -> tellOfDemo(context.out(), sandbox, url));
        } catch (IOException e) {
            context.err().println("the stand-in did not start: " + e.getMessage());
            return ExitCodes.REFUSED;
        }
    }

    /** A {@code keyway.yml} that lies about must not have a say in the demo. */
    private static ConfigInputs inHomeOfItsOwn(ConfigInputs inputs) throws IOException {
        return inputs.overrides().containsKey("--home")
                ? inputs
                : inputs.with("--home", Files.createTempDirectory("keyway-demo").toString());
    }

    private static void tellOfDemo(PrintWriter out, Sandbox sandbox, String url) {
        String body = "'{\"model\":\"deepseek/deepseek-r1$think.high,fireworks\",\"stream\":true,"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'";
        // In one piece, or log lines would come between the invitation and the line to paste.
        out.println(String.join(
                System.lineSeparator(),
                "",
                "A stand-in OpenRouter answers at " + sandbox.baseUrl() + ": no key, no network, no money.",
                "Try it; the answer tells what $think.high,fireworks became on the way:",
                "",
                "  curl -N " + url + "/v1/chat/completions -H 'Content-Type: application/json' -d " + body,
                "",
                "Or point an OpenAI SDK at " + url + "/v1 with any key. Ctrl-C ends the demo."));
        out.flush();
    }

    @Override
    public int sandbox(SandboxFlags flags, CommandContext context) {
        SandboxOptions options =
                SandboxOptions.forPeople().withHost(flags.host()).withPort(flags.port());
        try {
            SandboxTls tls = flags.tls() ? SandboxTls.create(SandboxTls.Variant.RIGHT, InstantSource.system()) : null;
            try (Sandbox sandbox = Sandbox.start(tls == null ? options : options.withTls(tls))) {
                context.out().println(sandbox.describe());
                if (tls != null) {
                    Path authority = Files.createTempFile("keyway-sandbox-ca", ".pem");
                    context.out().println("upstream.ca_file: " + tls.writeAuthority(authority));
                }
                context.out().flush();
                untilToldToStop(() -> {}, () -> {}, null);
                return ExitCodes.DONE;
            }
        } catch (IOException | GeneralSecurityException e) {
            context.err().println("the stand-in did not start: " + e.getMessage());
            return ExitCodes.REFUSED;
        }
    }

    private static int serve(ConfigSource source, CommandContext context, Consumer<String> ready) {
        EndOnExhaustedHeap.install();
        GatewayContextListener wiring = new GatewayContextListener(source);
        ServerOptions options = source.config().server();
        String host = options.host();
        try {
            StandaloneServer server = StandaloneServer.start(options, wiring);
            String url = "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + server.port();
            wiring.report(List.of(url));
            ready.accept(url);
            untilToldToStop(
                    () -> {
                        wiring.announceStop();
                        wiring.close();
                        server.stop(Duration.ZERO);
                    },
                    wiring::hurry,
                    wiring::reload);
            return ExitCodes.DONE;
        } catch (PortInUseException e) {
            context.err().println("port " + options.port() + " is in use; --port 0 takes a free one");
        } catch (IOException | RuntimeException e) {
            context.err().println("keyway did not start: " + e.getMessage());
        }
        return ExitCodes.REFUSED;
    }

    /**
     * Waits for the signals that end the process.
     *
     * @param end ends what runs, in order
     * @param hurry makes a running {@code end} wait for nothing any more
     * @param reload as {@link StopSignals#handle} has it
     */
    private static void untilToldToStop(Runnable end, Runnable hurry, @Nullable Runnable reload) {
        AtomicInteger exitCode = new AtomicInteger(ExitCodes.DONE);
        Thread ending = new Thread(
                () -> {
                    end.run();
                    // In place of the JVM's own 128 + signal.
                    Runtime.getRuntime().halt(exitCode.get());
                },
                "keyway-stop");
        Runtime.getRuntime().addShutdownHook(ending);
        StopSignals.handle(
                () -> System.exit(ExitCodes.DONE),
                code -> {
                    exitCode.set(code);
                    hurry.run();
                    try {
                        ending.join(LAST_WORDS.toMillis());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    Runtime.getRuntime().halt(code);
                },
                reload);
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
