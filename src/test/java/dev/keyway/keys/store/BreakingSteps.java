package dev.keyway.keys.store;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real disk, of which one kind of step fails while it is told to. */
final class BreakingSteps implements FileSteps {
    enum Step {
        CREATE,
        WRITE,
        FORCE,
        RENAME,
        FORCE_FOLDER
    }

    private final FileSteps disk = new DiskSteps();
    private final List<Path> created = new ArrayList<>();
    private volatile Step broken = Step.CREATE;
    private volatile boolean full;

    void breakAt(Step step) {
        broken = step;
        full = true;
    }

    void mend() {
        full = false;
    }

    synchronized List<Path> created() {
        return List.copyOf(created);
    }

    private void at(Step step, Path file) throws IOException {
        if (full && broken == step) {
            throw new FileSystemException(file.toString(), null, "No space left on device");
        }
    }

    @Override
    public NewFile create(Path file) throws IOException {
        synchronized (this) {
            created.add(file);
        }
        at(Step.CREATE, file);
        NewFile made = disk.create(file);
        return new NewFile() {
            @Override
            public void write(byte[] content) throws IOException {
                at(Step.WRITE, file);
                made.write(content);
            }

            @Override
            public void force() throws IOException {
                at(Step.FORCE, file);
                made.force();
            }

            @Override
            public void close() throws IOException {
                made.close();
            }
        };
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        at(Step.RENAME, to);
        disk.rename(from, to);
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        at(Step.FORCE_FOLDER, folder);
        disk.forceFolder(folder);
    }
}
