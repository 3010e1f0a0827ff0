package dev.keyway.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private final Table table = new Table(List.of("a", "b"), List.of(new Table.Ratio("a", "b")));

    @Test
    void a_cell_is_the_median_and_says_a_spread_over_20_percent() {
        List.of(100.0, 119.0, 110.0).forEach(value -> table.add("steady", "a", value));
        List.of(100.0, 130.0, 110.0).forEach(value -> table.add("wide", "a", value));

        assertThat(table.markdown()).contains("| steady | 110 |").contains("| wide | 110 (spread 27 %) |");
    }

    @Test
    void a_ratio_compares_what_was_measured_in_the_same_round() {
        List.of(10.0, 40.0, 90.0).forEach(value -> table.add("rate", "a", value));
        List.of(20.0, 80.0, 180.0).forEach(value -> table.add("rate", "b", value));

        assertThat(table.markdown()).contains("| 0.50 |");
    }

    @Test
    void a_server_that_was_not_measured_has_neither_figure_nor_ratio() {
        table.add("rate", "a", 10);

        assertThat(table.markdown()).contains("| rate | 10 |  |  |");
    }
}
