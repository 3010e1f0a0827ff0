package dev.keyway.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The end of the Java heap, told from a failure of one request: whoever is in want of memory next fails as well, where
 * nobody may be behind it who notices.
 *
 * <p>A size that no array can have is none: that is one caller's, and memory is left.
 */
public final class HeapExhaustion {
    private static final int DEEPEST = 20;
    private static final List<String> WORDS =
            List.of("heap space", "GC overhead", "Metaspace", "class space", "direct buffer memory");

    private HeapExhaustion() {}

    /**
     * Hands a failure to the process's handler of what nobody caught, if one is set and the heap's end is among its causes.
     * For those who catch everything and go on.
     */
    public static void surface(@Nullable Throwable failure) {
        if (isIn(failure)) {
            Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
            if (handler != null && failure != null) {
                handler.uncaughtException(Thread.currentThread(), failure);
            }
        }
    }

    /** Whether it, or what caused it, is the heap's end. Makes no object, for which there may be no room. */
    public static boolean isIn(@Nullable Throwable failure) {
        Throwable next = failure;
        for (int depth = 0; next != null && depth < DEEPEST; depth++) {
            if (next instanceof OutOfMemoryError && isOfTheHeap(next.getMessage())) {
                return true;
            }
            next = next.getCause();
        }
        return false;
    }

    private static boolean isOfTheHeap(@Nullable String message) {
        if (message == null) {
            return true;
        }
        for (int i = 0; i < WORDS.size(); i++) {
            if (message.contains(WORDS.get(i))) {
                return true;
            }
        }
        return false;
    }
}
