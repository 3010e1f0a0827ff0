package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartupReportTest {
    private static final VersionInfo VERSION = new VersionInfo("1.2.3", "abc1234", "2026-11-20T00:00:00Z");

    @Test
    void everything_a_person_asks_first_is_said() {
        StartupReport report = new StartupReport(
                VERSION,
                List.of("http://127.0.0.1:3000"),
                List.of("/v1/** local requests only"),
                List.of("the pool is open"),
                List.of("environment (PORT)", "/srv/keyway.yml"),
                Path.of("/srv"),
                Path.of("/srv/logs"),
                "socks5://alice:***@proxy.example.com:1080",
                List.of("k_00000001", "k_00000002"));

        assertThat(report.lines())
                .containsExactly(
                        "Keyway started: version=1.2.3 commit=abc1234 built=2026-11-20T00:00:00Z",
                        "listening: address=http://127.0.0.1:3000",
                        "access: /v1/** local requests only",
                        "configuration: home=/srv read=environment (PORT), /srv/keyway.yml",
                        "logs: directory=/srv/logs",
                        "upstream: proxy=socks5://alice:***@proxy.example.com:1080",
                        "keys: count=2 ids=k_00000001,k_00000002");
    }

    @Test
    void what_is_not_there_is_said_too() {
        StartupReport report = new StartupReport(
                VERSION, List.of(), List.of(), List.of(), List.of(), Path.of("/srv"), null, null, List.of());

        assertThat(report.lines())
                .contains(
                        "configuration: home=/srv read=defaults only",
                        "logs: directory=none, console only",
                        "keys: count=0");
    }
}
