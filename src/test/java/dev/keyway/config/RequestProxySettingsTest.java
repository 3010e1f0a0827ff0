package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.upstream.OutgoingProxyOptions;
import dev.keyway.upstream.OutgoingProxyOptions.Kind;
import dev.keyway.upstream.OutgoingProxyOptions.Login;
import dev.keyway.wire.Secret;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestProxySettingsTest {
    private static final String WHAT = "is not a proxy's address, which is socks5://[user:password@]host:port or"
            + " http://[user:password@]host:port; socks5h is the same as socks5";

    @TempDir
    private Path folder;

    private ConfigKit kit() {
        return new ConfigKit(folder);
    }

    private @Nullable OutgoingProxyOptions proxy(String url) {
        return kit().yaml("requestProxy:", "  enabled: true", "  url: '" + url + "'")
                .config()
                .upstream()
                .proxy();
    }

    @ParameterizedTest
    @CsvSource({
        "socks5://proxy.example.com:1080,SOCKS5,proxy.example.com,1080",
        "socks5h://10.0.0.7:9050,SOCKS5,10.0.0.7,9050",
        "SOCKS5://p:1/,SOCKS5,p,1",
        "http://proxy:3128,HTTP,proxy,3128",
        "http://[fd00::1]:65535,HTTP,[fd00::1],65535"
    })
    void kinds_hosts_and_ports_are_read(String url, Kind kind, String host, int port) {
        assertThat(proxy(url)).isEqualTo(new OutgoingProxyOptions(kind, host, port, null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "alice:secret         | alice | secret",
                "alice                | alice | ''",
                "alice:               | alice | ''",
                "al%40ice:p%3A%2Fs%25 | al@ice | p:/s%",
                "alice:a@b:c/d#e?f    | alice | a@b:c/d#e?f",
            })
    void user_and_password_end_at_the_last_at_and_may_be_encoded(String login, String user, String password) {
        OutgoingProxyOptions proxy = proxy("socks5://" + login + "@proxy:1080");

        assertThat(proxy)
                .isEqualTo(new OutgoingProxyOptions(Kind.SOCKS5, "proxy", 1080, new Login(user, new Secret(password))));
    }

    @Test
    void it_is_off_unless_it_is_enabled() {
        assertThat(kit().yaml("requestProxy: {url: 'socks5://proxy:1080'}")
                        .config()
                        .upstream()
                        .proxy())
                .isNull();
    }

    @Test
    void variables_and_the_other_spelling_are_read() {
        assertThat(kit().yaml("request_proxy: {url: 'http://proxy:3128'}")
                        .variable("KEYWAY_REQUEST_PROXY_ENABLED", "true")
                        .config()
                        .upstream()
                        .proxy())
                .isEqualTo(new OutgoingProxyOptions(Kind.HTTP, "proxy", 3128, null));
    }

    @Test
    void enabled_without_an_address_is_refused() {
        assertThat(kit().yaml("requestProxy: {enabled: true}").problems())
                .containsExactly("keyway.yml:1: requestProxy.enabled: needs requestProxy.url, such as"
                        + " socks5://proxy.example.com:1080");
    }

    @Test
    void the_upstream_itself_is_no_proxy() {
        assertThat(kit().yaml(
                                "requestProxy: {enabled: true, url: 'http://proxy:3128'}",
                                "openrouter: {base_url: 'http://PROXY:3128/v1'}")
                        .problems())
                .containsExactly("keyway.yml:1: requestProxy.url: is the address of openrouter.base_url itself");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://alice:hush-hush@proxy:21",
                "https://alice:hush-hush@proxy:443",
                "alice:hush-hush@proxy:1080",
                "socks5://alice:hush-hush@proxy",
                "socks5://alice:hush-hush@proxy:0",
                "socks5://alice:hush-hush@proxy:65536",
                "socks5://alice:hush-hush@proxy:1080/path",
                "socks5://alice:hush-hush\u00fc@proxy:1080",
                "socks5://alice:hush-hush%0d@proxy:1080",
                "socks5://:hush-hush@proxy:1080",
                "http://a%3Ab:hush-hush@proxy:1080",
                "hush-hush"
            })
    void what_is_no_address_is_refused_and_not_repeated(String url) {
        assertThat(kit().variable("KEYWAY_REQUESTPROXY_URL", url).problems())
                .containsExactly("KEYWAY_REQUESTPROXY_URL: requestProxy.url: " + WHAT);
    }

    @Test
    void the_password_is_shown_nowhere() {
        ConfigResult.Loaded loaded = kit().yaml(
                        "requestProxy: {enabled: true, url: 'socks5://alice:hush-hush@proxy:1080'}")
                .loaded();

        assertThat(loaded.config().settings())
                .contains(new SettingValue("requestProxy.url", "socks5://alice:***@proxy:1080", "keyway.yml:1"));
        assertThat(loaded.toString() + loaded.config().upstream()).doesNotContain("hush-hush");
    }
}
