package dev.keyway.observe;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a file of one of the three logs; nothing else in the folder is Keyway's.
 *
 * @param part number of a full part, from 1; {@link #LIVE} for the file that is written to
 */
record LogName(String log, LocalDate day, int part) {
    static final int LIVE = Integer.MAX_VALUE;

    /** Oldest line first, as far as a name can tell. */
    static final Comparator<LogName> OLDEST_FIRST =
            Comparator.comparing(LogName::day).thenComparingInt(LogName::part).thenComparing(LogName::log);

    private static final Pattern FORM =
            Pattern.compile("(requests|errors|keys)-(\\d{4}-\\d{2}-\\d{2})(?:\\.([1-9]\\d{0,8}))?\\.log");

    static LogName live(String log, LocalDate day) {
        return new LogName(log, day, LIVE);
    }

    boolean isLive() {
        return part == LIVE;
    }

    Path in(Path directory) {
        return directory.resolve(log + "-" + day + (isLive() ? "" : "." + part) + ".log");
    }

    static Optional<LogName> of(String fileName) {
        Matcher matcher = FORM.matcher(fileName);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            String part = matcher.group(3);
            return Optional.of(new LogName(
                    matcher.group(1), LocalDate.parse(matcher.group(2)), part == null ? LIVE : Integer.parseInt(part)));
        } catch (DateTimeException noSuchDay) {
            return Optional.empty();
        }
    }

    /** All files of the logs in a folder, in no order; links and folders are not ours. */
    static List<LogName> list(Path directory) throws IOException {
        List<LogName> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    of(String.valueOf(file.getFileName())).ifPresent(found::add);
                }
            }
        }
        return found;
    }
}
