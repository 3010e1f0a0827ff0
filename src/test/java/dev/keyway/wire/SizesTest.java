package dev.keyway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {
    @ParameterizedTest
    @CsvSource({
        "0,0",
        "512,512",
        "512B,512",
        "1KB,1024",
        "64KiB,65536",
        "10MB,10485760",
        "10mb,10485760",
        "10 MiB,10485760",
        "50M,52428800",
        "2GB,2147483648",
        "1.5K,1536"
    })
    void a_number_with_or_without_a_unit_is_a_size(String text, long bytes) {
        assertThat(Sizes.parse(text)).hasValue(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "big", "-1", "1_000", "0x10", "10TB", "1.3B", "MB", "999999999999999999GB", "10 M B"})
    void anything_else_is_none(String text) {
        assertThat(Sizes.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1000,1000", "1024,1KB", "1536,1536", "52428800,50MB", "2147483648,2GB"})
    void what_is_formatted_reads_back_as_the_same(long bytes, String text) {
        String formatted = Sizes.format(bytes);

        assertThat(formatted).isEqualTo(text);
        assertThat(Sizes.parse(formatted)).hasValue(bytes);
    }
}
