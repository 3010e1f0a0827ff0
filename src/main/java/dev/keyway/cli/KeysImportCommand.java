package dev.keyway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.config.FoundKey;
import dev.keyway.config.OldKeys;
import dev.keyway.keys.store.NodeKeyFile;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code keys import}. */
@Command(
        name = "import",
        description =
                "Takes the OpenRouter keys out of other proxies' files: .env, config.yml, keys.json. Keys that are"
                        + " known stay as they are; keys that were switched off there are added disabled.",
        mixinStandardHelpOptions = true,
        versionProvider = KeywayCommand.Version.class,
        sortOptions = false)
final class KeysImportCommand implements Callable<Integer> {
    private final CommandContext context;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "In this order; the name tells what it is.")
    private List<String> files = new ArrayList<>();

    @Option(names = "--dry-run", description = "Only says what would be done.")
    private boolean dryRun;

    @Mixin
    private KeysFlags flags = new KeysFlags();

    private final Map<Secret, Instant> rests = new HashMap<>();

    KeysImportCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        KeysReport report = new KeysReport(context, flags.json());
        // Before the desk opens: its own file may be among them, and would be converted by then.
        List<FoundKey> found = new ArrayList<>();
        files.forEach(file -> read(file, found, report));
        if (found.isEmpty()) {
            return report.end();
        }
        return flags.withDesk(context, desk -> bring(desk, found, report));
    }

    private void read(String name, List<FoundKey> found, KeysReport report) {
        Path file = context.workingFolder().resolve(name);
        String shown = name.contains(KeyText.UPSTREAM_PREFIX) ? "a file named like a key" : Plain.text(name);
        if (!Files.isRegularFile(file)) {
            report.refused(Json.object().put("place", shown), shown + ": no such file", "no such file");
            return;
        }
        OldKeys.Found read = OldKeys.read(file, shown, context.environment());
        read.problems()
                .forEach(problem -> report.refused(
                        Json.object().put("place", problem.source()), problem.line(), problem.message()));
        found.addAll(read.keys());
        if (name.endsWith(".json") && !read.keys().isEmpty()) {
            readRests(file);
        }
    }

    /** Until when keys rest, with the other system's bugs read right. */
    private void readRests(Path file) {
        try {
            NodeKeyFile.read(file, Files.readAllBytes(file), context.clock().instant())
                    .keys()
                    .forEach(key -> {
                        if (key.secret() != null && key.until() != null) {
                            rests.put(key.secret(), key.until());
                        }
                    });
        } catch (IOException told) {
            // With its line, above; the keys that stand before it are taken, without their rests.
        }
    }

    private int bring(KeyDesk desk, List<FoundKey> found, KeysReport report) {
        Reply reply = desk.list();
        if (reply instanceof Reply.Refused refused) {
            report.refused(Json.object(), refused.message(), refused.message());
            return report.end();
        }
        Set<String> known = new HashSet<>();
        ((Reply.Done) reply)
                .body()
                .path("keys")
                .forEach(key -> known.add(key.path("id").asText()));
        found.forEach(key -> bring(desk, key, known, report));
        return report.end();
    }

    private void bring(KeyDesk desk, FoundKey key, Set<String> known, KeysReport report) {
        String id = key.secret().id();
        ObjectNode about = Json.object().put("place", key.place()).put("id", id);
        String wrong = KeyText.wrong(key.secret().reveal());
        if (wrong != null) {
            report.refused(about, key.place() + ": " + wrong, wrong);
        } else if (known.contains(id) || known.contains(key.secret().id(12))) {
            report.done(about.put("outcome", "known"), key.place() + ": " + id + " is known and stays as it is");
        } else if (dryRun) {
            known.add(id);
            report.done(
                    about.put("outcome", "would_add").put("active", key.active()),
                    key.place() + ": " + id + " would be added" + (key.active() ? "" : " and disabled"));
        } else {
            known.add(id);
            add(desk, key, about, report);
        }
    }

    private void add(KeyDesk desk, FoundKey key, ObjectNode about, KeysReport report) {
        Reply reply = desk.add(key.secret(), name(key.label()), name(key.account()));
        Instant until = rests.get(key.secret());
        if (reply instanceof Reply.Done done && !key.active()) {
            reply = desk.change(id(done, key), KeyChange.DISABLE);
        } else if (reply instanceof Reply.Done done && until != null) {
            reply = desk.rest(id(done, key), until);
        }
        String at = key.place() + ": " + key.secret().id();
        if (reply instanceof Reply.Refused refused) {
            report.refused(about, at + ": " + refused.message(), refused.message());
        } else if (reply instanceof Reply.Done done) {
            report.done(about.put("outcome", "added").put("active", key.active()), at + " added" + state(key, done));
        }
    }

    private static String id(Reply.Done added, FoundKey key) {
        return added.body().path("id").asText(key.secret().id());
    }

    private String state(FoundKey key, Reply.Done done) {
        if (!key.active()) {
            return " and disabled, as it was there";
        }
        String until = done.body().path("until").asText("");
        return until.isEmpty() || until.equals("null")
                ? ""
                : "; as there, it rests until " + new Moments(context.clock(), context.zone()).show(until);
    }

    /** A label or account that Keyway would take, else none. */
    private static @Nullable String name(@Nullable String found) {
        return found != null && KeyText.isName(found) ? found : null;
    }
}
