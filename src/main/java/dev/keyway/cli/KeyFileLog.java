package dev.keyway.cli;

import dev.keyway.keys.KeyEvent;
import dev.keyway.keys.KeyListener;
import dev.keyway.observe.DailyLogs;
import dev.keyway.observe.KeyLog;
import dev.keyway.observe.LogOptions;
import java.time.InstantSource;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/** The home's keys log, opened with the first event: a command that changes nothing leaves no file behind. */
final class KeyFileLog implements KeyListener, AutoCloseable {
    private final LogOptions options;
    private final InstantSource clock;
    private final ZoneId zone;
    private @Nullable DailyLogs logs;

    KeyFileLog(LogOptions options, InstantSource clock, ZoneId zone) {
        this.options = options;
        this.clock = clock;
        this.zone = zone;
    }

    @Override
    public synchronized void onKeyEvent(KeyEvent event) {
        DailyLogs open = logs == null ? new DailyLogs(options, clock, zone) : logs;
        logs = open;
        new KeyLog(open).onKeyEvent(event);
    }

    @Override
    public synchronized void close() {
        if (logs != null) {
            logs.close();
        }
    }
}
