package dev.keyway.observe;

import dev.keyway.wire.HeapExhaustion;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.function.Consumer;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/**
 * Writes each event as one line: time, level, logger, message; a stack trace follows in lines that begin with a tab.
 * Everything is redacted, whichever logger it came from; control characters are shown as escapes; a message is cut at
 * 16 KiB.
 */
final class ConsoleAppender extends AbstractAppender {
    private static final int LIMIT = 16 * 1024;
    private final LogTime time;
    private final String place;
    private final Consumer<String> sink;

    /**
     * @param place stands before the logger's name, with its own blank
     * @param sink takes a line without its end; must return at once
     */
    ConsoleAppender(ZoneId zone, String place, Consumer<String> sink) {
        super("console", null, null, true, Property.EMPTY_ARRAY);
        this.time = new LogTime(zone);
        this.place = place;
        this.sink = sink;
    }

    @Override
    public void append(LogEvent event) {
        StringBuilder line = new StringBuilder(200);
        Instant when = Instant.ofEpochMilli(event.getInstant().getEpochMillisecond());
        line.append(time.text(when))
                .append(' ')
                .append(event.getLevel())
                .append(' ')
                .append(place)
                .append(event.getLoggerName())
                .append(": ");
        String message = Redactor.cut(String.valueOf(event.getMessage().getFormattedMessage()), LIMIT);
        escape(line, Redactor.redact(message), false);
        Throwable thrown = event.getThrown();
        HeapExhaustion.surface(thrown);
        if (thrown != null) {
            line.append("\n\t");
            escape(line, StackText.of(thrown), true);
        }
        sink.accept(line.toString());
    }

    private static void escape(StringBuilder line, String text, boolean keepLines) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (keepLines && (c == '\n' || c == '\t')) {
                line.append(c);
            } else if (c == '\n') {
                line.append("\\n");
            } else if (c == '\r') {
                line.append("\\r");
            } else if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
    }
}
