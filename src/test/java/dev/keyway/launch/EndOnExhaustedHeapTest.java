package dev.keyway.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndOnExhaustedHeapTest {
    private final List<Integer> ended = new ArrayList<>();
    private final EndOnExhaustedHeap handler = new EndOnExhaustedHeap(ended::add);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Java heap space",
                "GC overhead limit exceeded",
                "Metaspace",
                "Cannot reserve 1 bytes of direct buffer memory"
            })
    void the_end_of_the_heap_ends_the_process_with_3_whatever_it_is_wrapped_in(String message) {
        handler.uncaughtException(
                Thread.currentThread(), new CompletionException(new IOException(new OutOfMemoryError(message))));

        assertThat(ended).containsOnly(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Requested array size exceeds VM limit",
                "Required length exceeds implementation limit",
                "unable to create native thread: possibly out of memory or process/resource limits reached"
            })
    void what_one_caller_asked_too_much_for_ends_nothing(String message) {
        handler.uncaughtException(Thread.currentThread(), new OutOfMemoryError(message));

        assertThat(ended).isEmpty();
    }

    @Test
    void another_failure_ends_nothing() {
        handler.uncaughtException(Thread.currentThread(), new StackOverflowError());

        assertThat(ended).isEmpty();
    }
}
