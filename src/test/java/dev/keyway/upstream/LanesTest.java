package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LanesTest {
    @Test
    void a_request_takes_the_lane_of_its_client_while_that_has_room() {
        Lanes lanes = new Lanes(2, 2);

        assertThat(lanes.enter(1)).isEqualTo(1);
        assertThat(lanes.enter(1)).isEqualTo(1);
        assertThat(lanes.enter(1)).describedAs("the other one").isZero();

        lanes.leave(1);
        assertThat(lanes.enter(1)).isEqualTo(1);
    }

    @Test
    void with_all_lanes_full_the_one_with_fewest_waits() {
        Lanes lanes = new Lanes(3, 1);
        lanes.enter(0);
        lanes.enter(0);
        lanes.enter(0);

        assertThat(lanes.enter(2)).isZero();
        assertThat(lanes.enter(2)).isEqualTo(1);
    }
}
