package dev.keyway.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanTest {
    @TempDir
    private Path folder;

    @Test
    void a_run_fits_into_8_minutes_and_the_short_one_into_3() {
        assertThat(Plan.full().total()).isLessThan(Plan.LIMIT);
        assertThat(Plan.quick().total()).isLessThan(Duration.ofMinutes(3));
    }

    @Test
    void direct_is_first_and_last_and_each_round_begins_with_another_server() {
        List<String> others = List.of("a", "b", "c");

        assertThat(Rotation.round(0, "direct", others)).containsExactly("direct", "a", "b", "c", "direct");
        assertThat(Rotation.round(1, "direct", others)).containsExactly("direct", "b", "c", "a", "direct");
        assertThat(Rotation.round(2, "direct", others)).containsExactly("direct", "c", "a", "b", "direct");
    }

    @Test
    void percentiles_are_values_that_occurred() {
        Figures figures = new Figures();
        for (int i = 100; i >= 1; i--) {
            figures.add(i);
        }

        assertThat(figures.median()).isEqualTo(50);
        assertThat(figures.percentile(99)).isEqualTo(99);
        assertThat(figures.percentile(99.9)).isEqualTo(100);
        assertThat(new Figures().median()).isNaN();
    }

    @Test
    void errors_of_wrk_are_counted_whatever_their_kind() throws IOException {
        Wrk.Result result = Wrk.parse("noise\nbench requests=100 micros=2000000 p50=150.0 p99=2500.0 "
                + "connect=1 read=2 write=3 status=4 timeout=5\n");

        assertThat(result).isEqualTo(new Wrk.Result(100, 2, 0.15, 2.5, 15));
        assertThat(result.perSecond()).isEqualTo(50);
    }

    @Test
    void a_run_replaces_its_own_section_of_the_page_and_no_other() throws IOException {
        Page page = new Page(folder.resolve("RESULTS.md"));
        page.replace("One", List.of("old one"));
        page.replace("Two", List.of("two"));

        page.replace("One", List.of("new one"));

        assertThat(Files.readString(folder.resolve("RESULTS.md")))
                .startsWith("# Results of the benchmark\n")
                .endsWith("\n## One\n\nnew one\n\n## Two\n\ntwo\n");
    }
}
