package dev.keyway.keys.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A disk in memory that loses its power: it knows what of names and contents was forced, and so all that may be found
 * afterwards. What was not forced may be there, be cut anywhere, or be zeros (a file system may keep a file's length before
 * its content); a rename that was not forced may have happened or not.
 */
final class CrashDisk implements FileSteps {
    private final List<String> steps = new ArrayList<>();
    private final Map<String, Content> names = new HashMap<>();
    private final List<Map<String, Content>> unforcedNames = new ArrayList<>();
    private Map<String, Content> forcedNames = new HashMap<>();
    private int stepsLeft = Integer.MAX_VALUE;

    /** What a file holds, in the page cache and on the disk. */
    private static final class Content {
        private byte[] written = {};
        private byte[] forced = {};
    }

    /** The power goes after so many more steps. */
    void crashAfter(int count) {
        stepsLeft = count;
    }

    /** What was done, in order, with {@code temp} for a temporary file's name. */
    List<String> steps() {
        return List.copyOf(steps);
    }

    private void step(String step) throws IOException {
        if (stepsLeft == 0) {
            throw new IOException("no power");
        }
        stepsLeft--;
        steps.add(step);
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private static String shown(Path file) {
        return name(file).endsWith(".tmp") ? "temp" : name(file);
    }

    @Override
    public NewFile create(Path file) throws IOException {
        step("create " + shown(file));
        if (names.containsKey(name(file))) {
            throw new FileAlreadyExistsException(file.toString());
        }
        Content content = new Content();
        remember();
        names.put(name(file), content);
        return new NewFile() {
            @Override
            public void write(byte[] bytes) throws IOException {
                // Cut by the loss of power: half of it has reached the page cache.
                content.written = Arrays.copyOf(bytes, bytes.length / 2);
                step("write " + shown(file));
                content.written = bytes.clone();
            }

            @Override
            public void force() throws IOException {
                step("force " + shown(file));
                content.forced = content.written;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        step("rename " + shown(from) + " to " + shown(to));
        remember();
        Content moved = names.remove(name(from));
        if (moved == null) {
            throw new NoSuchFileException(from.toString());
        }
        names.put(name(to), moved);
    }

    private void remember() {
        unforcedNames.add(new HashMap<>(names));
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        step("force folder " + shown(folder));
        forcedNames = new HashMap<>(names);
        unforcedNames.clear();
    }

    /** Every content that the file of this name may have after the power went; an empty list stands for no file. */
    Set<List<Byte>> possible(String name) {
        Set<List<Byte>> found = new LinkedHashSet<>();
        List<Map<String, Content>> all = new ArrayList<>(unforcedNames);
        all.add(forcedNames);
        all.add(names);
        for (Map<String, Content> folder : all) {
            Content content = folder.get(name);
            if (content == null) {
                found.add(List.of());
                continue;
            }
            found.add(bytes(content.forced));
            if (content.forced != content.written) {
                found.add(bytes(new byte[content.written.length]));
                for (int cut = 0; cut <= content.written.length; cut++) {
                    found.add(bytes(Arrays.copyOf(content.written, cut)));
                }
            }
        }
        return found;
    }

    private static List<Byte> bytes(byte[] content) {
        List<Byte> bytes = new ArrayList<>(content.length);
        for (byte b : content) {
            bytes.add(b);
        }
        return bytes;
    }
}
