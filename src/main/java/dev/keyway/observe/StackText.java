package dev.keyway.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A failure as text for a log: class, message and frames of it and of its causes, redacted, 16 KiB at most, every line
 * after the first begun by a tab.
 */
final class StackText {
    static final int LIMIT = 16 * 1024;
    private static final int MAX_CAUSES = 8;
    private static final int MAX_FRAMES = 60;

    private StackText() {}

    static String of(Throwable failure) {
        StringBuilder text = new StringBuilder();
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        @Nullable Throwable next = failure;
        while (next != null && seen.size() < MAX_CAUSES && seen.add(next)) {
            if (seen.size() > 1) {
                text.append("\n\tcaused by ");
            }
            append(text, next);
            next = next.getCause();
        }
        return Redactor.cut(Redactor.redact(Redactor.cut(text.toString(), LIMIT)), LIMIT);
    }

    /** Class and message only, on one line. */
    static String headline(Throwable failure) {
        String message = messageOf(failure);
        String name = failure.getClass().getName();
        return message == null ? name : name + ": " + Redactor.cut(message, LIMIT / MAX_CAUSES);
    }

    private static void append(StringBuilder text, Throwable failure) {
        text.append(headline(failure).replaceAll("\\R", "\n\t"));
        StackTraceElement[] frames = failure.getStackTrace();
        for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
            text.append("\n\tat ").append(frames[i]);
        }
        if (frames.length > MAX_FRAMES) {
            text.append("\n\t... ").append(frames.length - MAX_FRAMES).append(" more");
        }
    }

    private static @Nullable String messageOf(Throwable failure) {
        // A parser's message quotes what it read, which may be a prompt.
        if (failure instanceof JsonProcessingException parsing) {
            return parsing.getLocation() == null
                    ? null
                    : "at line " + parsing.getLocation().getLineNr() + ", column "
                            + parsing.getLocation().getColumnNr();
        }
        return failure.getMessage();
    }
}
