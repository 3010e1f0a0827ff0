package dev.keyway.keys.store;

import dev.keyway.keys.KeyStateStore;
import dev.keyway.keys.StoredKey;
import dev.keyway.wire.HeapExhaustion;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps keys and states in {@code data/keys.json}, written on a thread of its own as soon as there is something to write.
 * What is asked for during a write shares the next one, so at most one state waits. What depends on a stage runs on that
 * thread and must return at once.
 *
 * <p>A file that could not be read is never written over, and a text that could not be read back is never written.
 */
final class FileKeyStateStore implements KeyStateStore {
    private static final Logger LOG = LogManager.getLogger(FileKeyStateStore.class);
    /** A disk that takes longer has failed. */
    private static final long CLOSE_SECONDS = 10;

    private final KeyFile file;
    private final @Nullable Secret masterKey;
    private final InstantSource clock;
    private final ExecutorService writer = Executors.newSingleThreadExecutor(this::thread);

    private volatile @Nullable Thread writing;

    private final Object lock = new Object();
    private @Nullable Waiting waiting;
    private boolean loaded;
    private boolean closed;

    private volatile @Nullable Seal seal;
    private volatile String failure = "";

    /** A state to be written, and who waits for it. */
    private record Waiting(Supplier<List<StoredKey>> state, CompletableFuture<Void> kept) {
        Waiting with(Supplier<List<StoredKey>> newer) {
            return new Waiting(newer, kept);
        }
    }

    FileKeyStateStore(Path home, @Nullable Secret masterKey, InstantSource clock, FileSteps steps) {
        this.file = new KeyFile(home, steps);
        this.masterKey = masterKey;
        this.clock = clock;
    }

    private Thread thread(Runnable work) {
        Thread thread = new Thread(work, "keyway-key-file");
        thread.setDaemon(true);
        writing = thread;
        return thread;
    }

    @Override
    public List<StoredKey> load() throws IOException {
        Optional<byte[]> text = file.read();
        List<StoredKey> keys;
        if (text.isEmpty()) {
            seal = freshSeal();
            keys = List.of();
        } else if (NodeKeyFile.isOne(text.get())) {
            seal = freshSeal();
            keys = convert(text.get());
        } else {
            KeyDocumentReader.Content content = KeyDocumentReader.read(
                    file.path(), text.get(), masterKey == null ? null : salt -> Seal.of(masterKey, salt));
            seal = content.seal() == null ? freshSeal() : content.seal();
            keys = content.keys();
        }
        synchronized (lock) {
            loaded = true;
        }
        return keys;
    }

    private @Nullable Seal freshSeal() {
        return masterKey == null ? null : Seal.fresh(masterKey);
    }

    private List<StoredKey> convert(byte[] text) throws IOException {
        NodeKeyFile.Content content = NodeKeyFile.read(file.path(), text, clock.instant());
        Path backup = file.keepBeside(".node-backup-" + LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC), text);
        write(content.keys());
        LOG.info(
                "key file of the Node system converted: file={} keys={} skipped={} backup={}",
                file.path(),
                content.keys().size(),
                content.skipped(),
                backup);
        if (masterKey != null) {
            LOG.warn("backup holds keys that are not encrypted; delete it when it is not needed: file={}", backup);
        }
        return content.keys();
    }

    @Override
    public CompletionStage<Void> save(Supplier<List<StoredKey>> state) {
        synchronized (lock) {
            if (closed || !loaded) {
                return CompletableFuture.failedStage(new IOException(
                        closed ? "the key file is closed" : "the key file was not read, so it is not written over"));
            }
            if (waiting != null) {
                waiting = waiting.with(state);
            } else {
                waiting = new Waiting(state, new CompletableFuture<>());
                writer.execute(this::writeWaiting);
            }
            return waiting.kept().minimalCompletionStage();
        }
    }

    private void writeWaiting() {
        Waiting taken;
        synchronized (lock) {
            taken = waiting;
            waiting = null;
        }
        if (taken == null) {
            return;
        }
        try {
            write(List.copyOf(taken.state().get()));
        } catch (IOException | RuntimeException | Error e) {
            HeapExhaustion.surface(e);
            tellOnce(e);
            IOException told = new IOException("key file " + file.path() + " could not be written: " + reason(e), e);
            taken.kept().completeExceptionally(told);
            return;
        }
        tellRecovery();
        taken.kept().complete(null);
    }

    private void write(List<StoredKey> keys) throws IOException {
        Seal current = seal;
        byte[] text = KeyDocument.write(keys, current);
        KeyDocumentReader.Content back =
                KeyDocumentReader.read(file.path(), text, current == null ? null : salt -> current);
        if (!back.keys().equals(keys)) {
            throw new IOException("the keys' state would not be read back as it is");
        }
        file.replace(text);
    }

    /** Once for each reason, else a full disk would fill the log with every change of a key's state. */
    private void tellOnce(Throwable e) {
        String reason = reason(e);
        if (!reason.equals(failure)) {
            failure = reason;
            LOG.warn(
                    "key file could not be written, a restart forgets changes until it is; tried again: file={} error={}",
                    file.path(),
                    reason);
        }
    }

    /** Without the temporary file's name, which is another one each time. */
    private static String reason(Throwable e) {
        if (e instanceof FileSystemException failed) {
            return failed.getReason() == null ? failed.getClass().getSimpleName() : failed.getReason();
        }
        return e.toString();
    }

    private void tellRecovery() {
        if (!failure.isEmpty()) {
            failure = "";
            LOG.info("key file is written again: file={}", file.path());
        }
    }

    @Override
    public String failure() {
        return failure;
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
        }
        writer.shutdown();
        try {
            if (!writer.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("key file is still being written, given up: file={}", file.path());
                return;
            }
            Thread last = writing;
            if (last != null) {
                // The executor is done a moment before its thread is, and Tomcat takes one that still is for a leak.
                last.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
