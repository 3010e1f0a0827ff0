package dev.keyway.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of upstream faults, in the server that {@code java -jar} starts. */
class UpstreamFaultsTest {
    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static TableRun table;

    @BeforeAll
    static void start() throws Exception {
        Upstreams upstreams = new Upstreams(folder);
        table = new TableRun(new StandaloneSite(folder, upstreams), upstreams);
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
    }

    /** 48 faults in both modes, 30 as streams, the last 11 of them whole too. */
    @Test
    void each_of_the_137_faults_and_modes_has_a_line_or_a_reason_to_be_left_out() {
        Set<String> wanted = new TreeSet<>();
        IntStream.rangeClosed(1, 78).forEach(i -> wanted.add(named(i, "stream")));
        IntStream.rangeClosed(1, 48).forEach(i -> wanted.add(named(i, "whole")));
        IntStream.rangeClosed(68, 78).forEach(i -> wanted.add(named(i, "whole")));

        Set<String> there = FaultTable.all().stream()
                .map(cell -> cell.id() + " " + cell.mode())
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(wanted).hasSize(137);
        assertThat(there).isEqualTo(wanted);
        assertThat(FaultTable.all())
                .allMatch(cell -> !cell.leftOut() || !cell.note().isEmpty());
    }

    private static String named(int number, String mode) {
        return String.format(java.util.Locale.ROOT, "U%02d %s", number, mode);
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
}
