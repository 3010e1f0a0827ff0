package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.apache.logging.log4j.LogManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

@SuppressWarnings("try") // the console is open while the block runs
class LoggingTest {
    /** A console that takes its time. */
    private static final class SlowStream extends FilterOutputStream {
        SlowStream(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            LockSupport.parkNanos(1_000_000);
            out.write(bytes, from, length);
        }
    }

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void line_has_time_level_logger_and_message() {
        try (Logging logging = Logging.configure(LogOptions.DEFAULTS, out)) {
            LogManager.getLogger("dev.keyway.app.Gateway").info("started: port={}", 3000);
        }

        assertThat(console())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}[+-]\\d\\d:\\d\\d INFO "
                        + "dev\\.keyway\\.app\\.Gateway: started: port=3000\\R");
    }

    @ParameterizedTest
    @CsvSource({"/team-b,[/team-b]", "'',[/]"})
    void line_of_a_context_names_it_on_the_console_that_it_shares(String context, String place) {
        try (Logging logging = Logging.configure(LogOptions.DEFAULTS, context, out)) {
            LogManager.getLogger("dev.keyway.app").info("started");
        }

        assertThat(console()).endsWith(" INFO " + place + " dev.keyway.app: started" + System.lineSeparator());
    }

    /** The curl line that the demo prints stood amid lines of the start. */
    @Test
    void text_printed_after_settle_stands_behind_what_was_logged_before() {
        PrintStream slow = new PrintStream(new SlowStream(bytes), true, StandardCharsets.UTF_8);
        try (Logging logging = Logging.configure(LogOptions.DEFAULTS, slow)) {
            for (int line = 0; line < 50; line++) {
                LogManager.getLogger("dev.keyway.app").info("line={}", line);
            }

            logging.settle();
            out.println("after");
        }

        assertThat(console().lines()).hasSize(51).last().isEqualTo("after");
    }

    @Test
    void levels_are_keyways_and_jettys_apart() {
        try (Logging logging = Logging.configure(levels("WARN", "DEBUG"), out)) {
            LogManager.getLogger("dev.keyway.app").info("own info");
            LoggerFactory.getLogger("org.eclipse.jetty.client").debug("jetty debug");
            LoggerFactory.getLogger("org.other").debug("other debug");
        }

        assertThat(console()).contains("jetty debug").doesNotContain("own info", "other debug");
    }

    /** A logger in a static field was silent after the first close in its class loader. */
    @Test
    void logger_made_earlier_speaks_under_a_later_configuration() {
        Logging.configure(LogOptions.DEFAULTS, out).close();
        var early = LogManager.getLogger("dev.keyway.app");
        var earlyOfJetty = LoggerFactory.getLogger("org.eclipse.jetty.server");
        Logging.configure(LogOptions.DEFAULTS, out).close();

        try (Logging logging = Logging.configure(levels("DEBUG", "WARN"), out)) {
            early.debug("second time");
            earlyOfJetty.info("not asked for");
        }

        assertThat(console().lines()).singleElement().asString().contains("second time");
    }

    @Test
    void message_cannot_forge_a_line_or_clear_the_screen() {
        try (Logging logging = Logging.configure(LogOptions.DEFAULTS, out)) {
            LogManager.getLogger("dev.keyway.app").info("path={}", "/x\r\n2026 ERROR forged\u001b[2J\u202e");
        }

        assertThat(console().lines())
                .singleElement()
                .asString()
                .contains("path=/x\\r\\n2026 ERROR forged\\u001b[2J\\u202e");
    }

    @Test
    void stack_trace_follows_in_lines_that_begin_with_a_tab() {
        try (Logging logging = Logging.configure(LogOptions.DEFAULTS, out)) {
            LogManager.getLogger("dev.keyway.app")
                    .error("failed", new IllegalStateException("two\nlines with Bearer my-own-access-key"));
        }

        assertThat(console().lines().skip(1)).allMatch(line -> line.startsWith("\t"));
        assertThat(console()).contains("IllegalStateException: two\n\tlines").doesNotContain("my-own-access-key");
    }

    @Test
    void close_leaves_no_thread() {
        Logging.configure(LogOptions.DEFAULTS, out).close();

        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("keyway-console")
                        || thread.getName().startsWith("Log4j"));
    }

    @Test
    void stuck_console_makes_nobody_wait() {
        CountDownLatch freed = new CountDownLatch(1);
        PrintStream stuck = new PrintStream(bytes, true, StandardCharsets.UTF_8) {
            @Override
            public void println(String line) {
                try {
                    freed.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        try (Logging logging = Logging.configure(LogOptions.DEFAULTS, stuck)) {
            for (int i = 0; i < Mailbox.CAPACITY * 2; i++) {
                LogManager.getLogger("dev.keyway.app").info("line");
            }
            freed.countDown();
        }

        assertThat(freed.getCount()).isZero();
    }

    @Test
    void log4j_sets_no_shutdown_hook() {
        try (Logging logging = Logging.configure(LogOptions.DEFAULTS, out)) {
            var context = (org.apache.logging.log4j.core.LoggerContext)
                    LogManager.getContext(Logging.class.getClassLoader(), false);

            assertThat(context.getConfiguration().isShutdownHookEnabled()).isFalse();
        }
    }

    private static LogOptions levels(String own, String http) {
        LogOptions d = LogOptions.DEFAULTS;
        return new LogOptions(null, d.retentionDays(), d.maxFileSize(), d.maxTotal(), own, http);
    }

    private String console() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
