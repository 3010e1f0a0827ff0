package dev.keyway.observe;

import dev.keyway.keys.KeyEvent;
import dev.keyway.keys.KeyListener;
import java.util.Locale;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * The keys log: a line for each change of a key's state, with the seeds' words as {@code message} and the key's id; the
 * same as one line on the console.
 */
public final class KeyLog implements KeyListener {
    private static final Logger LOG = LogManager.getLogger(KeyLog.class);
    private final DailyLogs logs;

    public KeyLog(DailyLogs logs) {
        this.logs = logs;
    }

    @Override
    public void onKeyEvent(KeyEvent event) {
        // A reset that nobody can believe is for a person to look at; the rest is everyday business.
        Level level = event.message().equals(KeyEvent.RESET_IGNORED) ? Level.WARN : Level.INFO;
        logs.write(
                LogFiles.Log.KEYS,
                logs.line(level.name(), event.message().toLowerCase(Locale.ROOT).replace(' ', '_'), event.message())
                        .text("key", event.key())
                        .text("reason", event.reason())
                        .time("until", event.until(), logs.zone()));
        LOG.log(
                level,
                "key state changed: event=\"{}\" key={} reason={}{}",
                event.message(),
                event.key(),
                event.reason(),
                event.until() == null ? "" : " until=" + event.until());
    }
}
