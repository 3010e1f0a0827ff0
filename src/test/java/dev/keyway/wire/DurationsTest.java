package dev.keyway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @ParameterizedTest
    @CsvSource({
        "500ms,500",
        "30s,30000",
        "5m,300000",
        "4h,14400000",
        "14d,1209600000",
        "1.5h,5400000",
        "0,0",
        "0s,0",
        "2,2000",
        "0.5,500",
        "' 30 s ',30000"
    })
    void one_number_and_one_unit_is_a_duration(String text, long millis) {
        assertThat(Durations.parse(text, SECOND)).contains(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5 parsecs",
                "-1s",
                "1h30m",
                "s",
                "1_000",
                "0x10",
                "1e3",
                "0.5ms",
                "30S",
                "999999999999999d",
                "٣s"
            })
    void anything_else_is_none(String text) {
        assertThat(Durations.parse(text, SECOND)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"30000,30s", "30000ms,30s", "500,500ms"})
    void a_number_alone_takes_the_callers_unit(String text, String meaning) {
        assertThat(Durations.parse(text, Duration.ofMillis(1))).isEqualTo(Durations.parse(meaning, SECOND));
    }

    @ParameterizedTest
    @CsvSource({"0,0s", "500,500ms", "1500,1500ms", "30000,30s", "90000,90s", "300000,5m", "14400000,4h", "86400000,1d"
    })
    void what_is_formatted_reads_back_as_the_same(long millis, String text) {
        Duration duration = Duration.ofMillis(millis);

        String formatted = Durations.format(duration);

        assertThat(formatted).isEqualTo(text);
        assertThat(Durations.parse(formatted, SECOND)).contains(duration);
    }
}
