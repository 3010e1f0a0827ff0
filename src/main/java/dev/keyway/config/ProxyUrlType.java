package dev.keyway.config;

import dev.keyway.upstream.OutgoingProxyOptions;
import dev.keyway.upstream.OutgoingProxyOptions.Kind;
import dev.keyway.upstream.OutgoingProxyOptions.Login;
import dev.keyway.wire.Secret;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code requestProxy.url}. User and password may be percent-encoded, and may hold any printable ASCII character as it is:
 * the last {@code @} ends them. A refused value is never repeated, as it may hold a password.
 */
final class ProxyUrlType implements SettingType<Optional<OutgoingProxyOptions>> {
    private static final String WHAT =
            "socks5://[user:password@]host:port or http://[user:password@]host:port; socks5h is the same as socks5";

    private static final Map<String, Kind> SCHEMES =
            Map.of("socks5", Kind.SOCKS5, "socks5h", Kind.SOCKS5, "http", Kind.HTTP);
    private static final Pattern URL = Pattern.compile(
            "(\\w{1,10})://(?:(.{1,2048})@)?([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]):([1-9]\\d{0,4})/?");
    private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})");
    private static final int LONGEST = 255;

    @Override
    public Optional<Optional<OutgoingProxyOptions>> read(Reading reading) {
        if (reading.value() instanceof RawValue.Null none && !none.blank()) {
            return Optional.of(Optional.empty());
        }
        OutgoingProxyOptions proxy = reading.value() instanceof RawValue.Text text
                ? parse(text.text().strip())
                : null;
        if (proxy == null) {
            reading.problem("is not a proxy's address, which is " + WHAT);
            return Optional.empty();
        }
        return Optional.of(Optional.of(proxy));
    }

    private static @Nullable OutgoingProxyOptions parse(String text) {
        Matcher url = URL.matcher(text);
        if (!url.matches()) {
            return null;
        }
        Kind kind = SCHEMES.get(url.group(1).toLowerCase(Locale.ROOT));
        int port = Integer.parseInt(url.group(4));
        String written = url.group(2);
        Login login = written == null ? null : login(written);
        if (kind == null || port > 65535 || (written != null && login == null)) {
            return null;
        }
        return new OutgoingProxyOptions(kind, url.group(3), port, login);
    }

    private static @Nullable Login login(String written) {
        int colon = written.indexOf(':');
        String user = decoded(colon < 0 ? written : written.substring(0, colon));
        String password = colon < 0 ? "" : decoded(written.substring(colon + 1));
        // A colon in it would be read as its end by a proxy that speaks HTTP.
        boolean fine = !user.isEmpty() && isPlain(user) && isPlain(password) && user.indexOf(':') < 0;
        return fine ? new Login(user, new Secret(password)) : null;
    }

    private static String decoded(String text) {
        return ESCAPE.matcher(text)
                .replaceAll(found ->
                        Matcher.quoteReplacement(Character.toString((char) Integer.parseInt(found.group(1), 16))));
    }

    private static boolean isPlain(String text) {
        return text.length() <= LONGEST && text.chars().allMatch(c -> c >= ' ' && c < 127);
    }

    @Override
    public @Nullable Object show(Optional<OutgoingProxyOptions> value) {
        return value.map(OutgoingProxyOptions::toString).orElse(null);
    }

    @Override
    public String fingerprint(Optional<OutgoingProxyOptions> value) {
        return value.map(proxy -> proxy
                        + (proxy.login() == null ? "" : " " + proxy.login().password()))
                .orElse("");
    }

    @Override
    public Map<String, Object> schema() {
        return Map.of(
                "type",
                List.of("string", "null"),
                "examples",
                List.of("socks5://user:password@proxy.example.com:1080"));
    }
}
