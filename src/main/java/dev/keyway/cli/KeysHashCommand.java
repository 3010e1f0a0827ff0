package dev.keyway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.wire.Secret;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code keys hash}: about access keys of clients, so that none stands in the configuration. */
@Command(
        name = "hash",
        description = "Prints what to write as server.access_keys' key_sha256 for an access key that you type unseen,"
                + " or for a new one.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class,
        sortOptions = false)
final class KeysHashCommand implements Callable<Integer> {
    private static final int RANDOM_BYTES = 32;
    private static final int SHORT = 16;

    private final CommandContext context;

    @Mixin
    private KeyInput input = new KeyInput();

    @Option(names = "--generate", description = "Makes a new access key and prints it, this once.")
    private boolean generate;

    @Option(names = "--json", description = "Writes JSON, for scripts.")
    private boolean json;

    KeysHashCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        input.refuseArguments();
        KeysReport report = new KeysReport(context, json);
        if (generate) {
            generate(report);
            return report.end();
        }
        List<KeyInput.Line> lines = input.read(context, "Access key: ");
        if (lines.isEmpty()) {
            report.refused(Json.object(), "an access key is required", "an access key is required");
        }
        lines.forEach(line -> hash(line, report));
        return report.end();
    }

    private static void generate(KeysReport report) {
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        String key = "kw-" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        String hash = sha256(key);
        report.done(
                Json.object().put("key", key).put("key_sha256", hash),
                "key (give it to the client; it is shown this once): " + key + System.lineSeparator() + "key_sha256: "
                        + hash);
    }

    private static void hash(KeyInput.Line line, KeysReport report) {
        String wrong = KeyText.wrongForm(line.key());
        if (wrong != null) {
            report.refused(Json.object(), line.place() + wrong, wrong);
            return;
        }
        ObjectNode result = Json.object().put("key_sha256", sha256(line.key()));
        report.done(result, result.path("key_sha256").asText());
        if (line.key().length() < SHORT) {
            report.warning(line.place() + "shorter than " + SHORT + " characters and easy to guess");
        }
        if (line.key().startsWith(KeyText.UPSTREAM_PREFIX)) {
            report.warning(line.place() + "looks like an OpenRouter key; callers should not know one");
        }
    }

    private static String sha256(String key) {
        return HexFormat.of().formatHex(Secret.sha256(key));
    }
}
