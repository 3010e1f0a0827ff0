package dev.keyway.cli;

import dev.keyway.app.HomeInUseException;
import dev.keyway.app.HomeLock;
import dev.keyway.config.ConfigInputs;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds who looks after the keys of a home folder. Whether a gateway runs there is decided by its lock, which the
 * operating system lets go of however a gateway ends; where it answers, its note tells.
 */
final class KeyDesks {
    private final CommandContext context;
    private final ConfigInputs inputs;

    KeyDesks(CommandContext context, Map<String, String> flags) {
        this.context = context;
        this.inputs = context.inputs(flags);
    }

    /**
     * The gateway at this address, with {@code admin.secret} from the environment; on this machine without one, by the
     * token of its note.
     */
    AdminClient at(URI url) throws NoDeskException {
        Optional<String> secret = Stream.of("KEYWAY_ADMIN_SECRET", "ADMIN_SECRET")
                .map(name -> context.environment().getOrDefault(name, ""))
                .filter(value -> !value.isBlank())
                .findFirst();
        if (secret.isEmpty()) {
            return new AdminClient(url, GatewayUrl.isLocal(url) ? token() : null);
        }
        if (!HeaderText.fits(secret.get())) {
            throw new NoDeskException(
                    "the admin secret contains a blank, a control character or a letter outside ASCII");
        }
        if (url.getScheme().equalsIgnoreCase("http") && !GatewayUrl.isLocal(url)) {
            context.err().println("warning: the admin secret is sent in clear, because the address is not https");
            context.err().flush();
        }
        return new AdminClient(url, new Secret(secret.get()));
    }

    private @Nullable Secret token() throws NoDeskException {
        return note(inputs.home()).map(GatewayNote::token).orElse(null);
    }

    /** The gateway that runs in the home folder, else its file. */
    KeyDesk ofHome() throws NoDeskException {
        Path home = inputs.home();
        if (!Files.isDirectory(home)) {
            throw new NoDeskException(
                    "there is no folder " + home + "; --home or KEYWAY_HOME names the gateway's home");
        }
        String owner = ownerOtherThanRoot(home);
        if (owner != null && !Files.exists(home.resolve(GatewayNote.FILE))) {
            throw refusal(home, owner);
        }
        HomeLock lock;
        try {
            lock = HomeLock.take(home);
        } catch (HomeInUseException e) {
            return new AdminDesk(running(home, e.holder()));
        } catch (IOException e) {
            throw new NoDeskException("home " + home + " can't be locked: "
                    + e.getClass().getSimpleName() + "; be the user that runs Keyway, or give --url");
        }
        if (owner != null) {
            FileDesk.letGo(lock);
            throw refusal(home, owner);
        }
        return FileDesk.open(context, inputs, lock);
    }

    /** The gateway that runs in the home folder. */
    AdminClient running() throws NoDeskException {
        Path home = inputs.home();
        try {
            FileDesk.letGo(HomeLock.take(home));
        } catch (HomeInUseException e) {
            return running(home, e.holder());
        } catch (IOException e) {
            throw new NoDeskException("home " + home + " can't be looked into: "
                    + e.getClass().getSimpleName() + "; be the user that runs Keyway, or give --url");
        }
        throw new NoDeskException("no gateway runs in home " + home
                + "; --home names another one, --url the address of one elsewhere; check and config show need none");
    }

    /** Who has the home, when it is root who asks; null: nothing speaks against writing there. */
    private @Nullable String ownerOtherThanRoot(Path home) throws NoDeskException {
        try {
            String owner = Files.getOwner(home).getName();
            boolean root = "root".equals(context.systemProperties().get("user.name"));
            return root && !owner.equals("root") ? owner : null;
        } catch (IOException | UnsupportedOperationException e) {
            throw new NoDeskException(
                    "home " + home + " can't be read: " + e.getClass().getSimpleName());
        }
    }

    /** What root writes into another user's home, that user's gateway could not read. */
    private static NoDeskException refusal(Path home, String owner) {
        return new NoDeskException("home " + home + " belongs to " + owner + ": do this as " + owner + " (sudo -u "
                + owner + " …), or its gateway could not read what root writes");
    }

    private static AdminClient running(Path home, String holder) throws NoDeskException {
        String gateway = "a gateway runs in home " + home + (holder.isEmpty() ? "" : " (" + holder + ")");
        GatewayNote note = note(home)
                .filter(found -> holder.isEmpty() || holder.equals("pid " + found.pid()))
                .orElseThrow(() -> new NoDeskException(gateway + ", but has not written " + GatewayNote.FILE
                        + "; if it is just starting or another command works there, try again"));
        if (note.url() == null) {
            throw new NoDeskException(gateway + ", but does not know its address before its first request; send it one,"
                    + " or give --url, such as http://127.0.0.1:8080/keyway");
        }
        return new AdminClient(note.url(), note.token());
    }

    private static Optional<GatewayNote> note(Path home) throws NoDeskException {
        try {
            return GatewayNote.read(home);
        } catch (IOException e) {
            throw new NoDeskException(String.valueOf(e.getMessage()));
        }
    }
}
