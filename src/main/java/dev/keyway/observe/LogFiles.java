package dev.keyway.observe;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The three logs on disk: the file of the day, full parts, what is deleted when. A failing disk costs lines, which are
 * counted; it is told once and tried again at each {@link #beat}. Nothing here throws. For one thread.
 */
final class LogFiles implements Mailbox.Reader<LogFiles.Line> {
    private static final Logger LOG = LogManager.getLogger(LogFiles.class);

    private final Path directory;
    private final Retention retention;
    private final InstantSource clock;
    private final ZoneId zone;
    private final JsonLine.Start lines;
    private final Map<Log, DailyFile> files = new EnumMap<>(Log.class);
    private final Set<Log> waiting = EnumSet.noneOf(Log.class);
    private final Set<Log> told = EnumSet.noneOf(Log.class);
    private final AtomicLong lost = new AtomicLong();
    private long lostAndTold;
    private volatile String failure = "";
    private @Nullable LocalDate swept;
    /** By which the age of files is counted. */
    private @Nullable LocalDate reckoned;

    LogFiles(Path directory, LogOptions options, InstantSource clock, ZoneId zone, DailyFile.Opener opener) {
        this.directory = directory;
        this.retention = new Retention(options.retentionDays(), options.maxTotal());
        this.clock = clock;
        this.zone = zone;
        this.lines = new JsonLine.Start(clock, zone);
        for (Log log : Log.values()) {
            files.put(log, new DailyFile(log.fileName(), directory, options.maxFileSize(), opener));
        }
    }

    @Override
    public void read(Line line) {
        if (waiting.contains(line.log())) {
            lost.incrementAndGet();
            return;
        }
        LocalDate today = today();
        byte[] bytes = (line.json() + "\n").getBytes(StandardCharsets.UTF_8);
        if (attempt(line.log(), 1, file -> file.append(today, bytes))) {
            sweep(today);
        }
    }

    @Override
    public void rest() {
        for (Log log : Log.values()) {
            if (!waiting.contains(log) && attempt(log, 0, DailyFile::flush) && told.remove(log)) {
                told.retainAll(waiting);
                LOG.info("log files writable again: log={} lines_lost={}", log.fileName(), lost.get());
                failure = told.isEmpty() ? "" : failure;
                tellOfLost();
            }
        }
    }

    /** So that whoever reads the files only knows of the gap. */
    private void tellOfLost() {
        long count = lost.get() - lostAndTold;
        if (count > 0) {
            lostAndTold += count;
            read(new Line(
                    Log.ERRORS,
                    lines.line("WARN", "lines_lost", "Lines Lost")
                            .number("lines", count)
                            .end()));
        }
    }

    /** Switches to the file of a new day, deletes what is too old or too much, tries a failed disk again. */
    @Override
    public void beat() {
        LocalDate today = today();
        waiting.clear();
        for (Log log : Log.values()) {
            attempt(log, 0, file -> {
                file.switchTo(today);
                file.follow();
                return file.flush();
            });
        }
        if (!today.equals(swept)) {
            // A clock that leaps over days may be wrong: nothing is too old by it before it has gone on to the next
            // day.
            boolean leapt = swept != null && today.isAfter(swept.plusDays(1));
            swept = today;
            reckoned = leapt ? reckoned : today;
            sweep(today);
        }
    }

    @Override
    public void dropped(long count) {
        LOG.warn("log lines dropped: lines={}", count);
        read(new Line(
                Log.ERRORS,
                lines.line("WARN", "lines_dropped", "Lines Dropped")
                        .number("lines", count)
                        .end()));
    }

    @Override
    public void end() {
        for (Log log : Log.values()) {
            attempt(log, 0, file -> {
                file.close();
                return true;
            });
        }
    }

    /** Lines that a failing disk cost since the start. */
    long lost() {
        return lost.get();
    }

    /** Why the disk refuses lines now; empty when it does not. */
    String failure() {
        return failure;
    }

    private LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), zone);
    }

    /** Answers what the step answers; false when it failed, at the price of what waited and this many lines. */
    private boolean attempt(Log log, int lines, Step step) {
        DailyFile file = files.get(log);
        if (file == null) {
            return false;
        }
        try {
            return step.on(file);
        } catch (IOException e) {
            waiting.add(log);
            lost.addAndGet(Math.max(file.abandon(), lines));
            if (told.isEmpty()) {
                LOG.warn(
                        "log files not writable, lines are lost until they are: directory={} log={} error={}",
                        directory,
                        log.fileName(),
                        StackText.headline(e));
            }
            told.add(log);
            failure = StackText.headline(e);
            return false;
        }
    }

    private void sweep(LocalDate today) {
        try {
            retention.sweep(directory, reckoned == null ? today : reckoned);
        } catch (IOException e) {
            LOG.warn("old log files not deleted: directory={}", directory, e);
        }
    }

    /** One of the three logs. */
    enum Log {
        REQUESTS("requests"),
        ERRORS("errors"),
        KEYS("keys");

        private final String fileName;

        Log(String fileName) {
            this.fileName = fileName;
        }

        String fileName() {
            return fileName;
        }
    }

    record Line(Log log, String json) {}

    private interface Step {
        boolean on(DailyFile file) throws IOException;
    }
}
