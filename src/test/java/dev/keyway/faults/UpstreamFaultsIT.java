package dev.keyway.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.container.Distribution;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of upstream faults, in a stock Tomcat: 11, or what {@code -Dkeyway.faults.container} names, such as {@code
 * "Tomcat 10"}.
 */
class UpstreamFaultsIT {
    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static TableRun table;

    @SuppressWarnings("NullAway.Init")
    private static TomcatSite tomcat;

    @BeforeAll
    static void start() throws Exception {
        String wanted = System.getProperty("keyway.faults.container", "Tomcat 11");
        Distribution distribution = Distribution.all().stream()
                .filter(one -> one.toString().equals(wanted))
                .findFirst()
                .orElseThrow();
        Upstreams upstreams = new Upstreams(folder);
        tomcat = new TomcatSite(distribution, upstreams);
        table = new TableRun(tomcat, upstreams);
    }

    @AfterAll
    static void stop() throws Exception {
        table.close();
    }

    static List<FaultCell> cells() {
        return FaultTable.cells();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cells")
    void fault_comes_out_as_the_table_says(FaultCell cell) throws Throwable {
        table.assertHolds(cell);
        System.out.println("[container] " + tomcat.version() + ": " + cell);
    }

    @Test
    void afterwards_nothing_is_left_running() throws Exception {
        table.assertNothingRuns();
    }

    @Test
    void each_request_has_ended_once() throws Exception {
        table.assertEachRequestEndedOnce();
    }

    @Test
    void no_key_is_written_anywhere() throws Exception {
        table.assertNoKeyIsWritten();
    }

    /** Tomcat tells of each answer that had to be broken off, in lines that name the servlet. */
    @Test
    void the_container_saw_no_failure_but_the_answers_that_were_broken_off() throws Exception {
        table.awaitAll();

        assertThat(tomcat.output().lines().filter(line -> line.startsWith("\tat ")))
                .isEmpty();
        assertThat(tomcat.output().lines().filter(line -> line.contains("SEVERE")))
                .allMatch(line -> line.contains("[openrouter]"));
    }
}
