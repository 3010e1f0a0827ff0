package dev.keyway.config;

import dev.keyway.wire.Durations;
import dev.keyway.wire.Network;
import dev.keyway.wire.Sizes;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The types of one word that settings have. */
final class Types {
    private static final Pattern WHOLE = Pattern.compile("0|-?[1-9]\\d{0,8}");
    private static final Pattern PART = Pattern.compile("\\d(\\.\\d{1,3})?");
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9._-]{1,253}|\\[?[0-9A-Fa-f:.]{2,45}(%[\\w.-]{1,16})?]?");
    private static final long QUARTER = 25;
    private static final Pattern PERCENT = Pattern.compile("([1-9]\\d?)%");
    private static final Map<String, Boolean> BOOLEANS = Map.ofEntries(
            Map.entry("true", true),
            Map.entry("yes", true),
            Map.entry("on", true),
            Map.entry("1", true),
            Map.entry("false", false),
            Map.entry("no", false),
            Map.entry("off", false),
            Map.entry("0", false));
    private static final Map<String, String> LEVELS = Map.ofEntries(
            Map.entry("debug", "DEBUG"),
            Map.entry("info", "INFO"),
            Map.entry("warn", "WARN"),
            Map.entry("warning", "WARN"),
            Map.entry("error", "ERROR"),
            Map.entry("critical", "FATAL"),
            Map.entry("fatal", "FATAL"));

    private Types() {}

    static ScalarType<Integer> whole(int least, int most) {
        return new ScalarType<>(
                "a whole number from " + least + " to " + most,
                (text, unit) -> WHOLE.matcher(text).matches() ? Optional.of(Integer.valueOf(text)) : Optional.empty(),
                number -> number >= least && number <= most,
                least + " to " + most,
                number -> number,
                Map.of("type", List.of("integer", "string"), "minimum", least, "maximum", most));
    }

    static ScalarType<Duration> duration(Duration least, Duration most) {
        return new ScalarType<>(
                "a duration (examples: 30s, 5m)",
                Durations::parse,
                length -> length.compareTo(least) >= 0 && length.compareTo(most) <= 0,
                Durations.format(least) + " to " + Durations.format(most),
                Durations::format,
                Map.of("type", List.of("string", "number"), "examples", List.of("500ms", "30s", "5m", "4h")));
    }

    static ScalarType<Long> size(long least, long most) {
        return size("a size (examples: 64KiB, 10MB)", Types::bytes, least, most);
    }

    /** A size, or a part of the largest heap such as {@code 25%}. */
    static ScalarType<Long> sizeOrHeap(long least) {
        ScalarType<Long> sized = size(
                "a size or a part of the heap (examples: 256MB, 25%)",
                text -> {
                    Matcher percent = PERCENT.matcher(text);
                    return percent.matches() ? Optional.of(heap(Long.parseLong(percent.group(1)))) : bytes(text);
                },
                least,
                1L << 40);
        return new ScalarType<>(
                sized.what(),
                sized.parser(),
                sized.allowed(),
                sized.range(),
                bytes -> bytes == heap(QUARTER) ? QUARTER + "%" : Sizes.format(bytes),
                sized.schema());
    }

    private static long heap(long percent) {
        return Runtime.getRuntime().maxMemory() * percent / 100;
    }

    private static Optional<Long> bytes(String text) {
        OptionalLong bytes = Sizes.parse(text);
        return bytes.isPresent() ? Optional.of(bytes.getAsLong()) : Optional.empty();
    }

    private static ScalarType<Long> size(String what, Function<String, Optional<Long>> parser, long least, long most) {
        return new ScalarType<>(
                what,
                (text, unit) -> parser.apply(text),
                bytes -> bytes >= least && bytes <= most,
                Sizes.format(least) + " to " + Sizes.format(most),
                Sizes::format,
                Map.of("type", List.of("string", "integer"), "examples", List.of("64KiB", "10MB", "2GB")));
    }

    static ScalarType<Boolean> bool() {
        return words("true or false", BOOLEANS, Boolean::booleanValue, Map.of("type", List.of("boolean", "string")));
    }

    static ScalarType<String> level() {
        return words(
                "a log level (DEBUG, INFO, WARN, ERROR, CRITICAL)",
                LEVELS,
                level -> level,
                Map.of("type", "string", "examples", List.of("DEBUG", "INFO", "WARN", "ERROR", "CRITICAL")));
    }

    static ScalarType<String> backend() {
        String only = "openrouter";
        return words("openrouter, the only backend there is", Map.of(only, only), word -> word, Map.of("const", only));
    }

    /** One of some words, in any case. */
    static ScalarType<String> choice(List<String> words) {
        Map<String, String> table = new LinkedHashMap<>();
        words.forEach(word -> table.put(word, word));
        return words("one of " + String.join(", ", words), table, word -> word, Map.of("enum", words));
    }

    /** One of an enum's constants, in any case, with a hyphen for each underscore. */
    static <E extends Enum<E>> ScalarType<E> choice(E[] constants) {
        Map<String, E> table = new LinkedHashMap<>();
        Arrays.stream(constants).forEach(one -> table.put(word(one), one));
        return words(
                "one of " + String.join(", ", table.keySet()),
                table,
                Types::word,
                Map.of("enum", List.copyOf(table.keySet())));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A part of one, to a thousandth. */
    static ScalarType<Double> part() {
        return new ScalarType<>(
                "a number from 0 to 1 (example: 0.1)",
                (text, unit) -> PART.matcher(text).matches() ? Optional.of(Double.valueOf(text)) : Optional.empty(),
                number -> number <= 1,
                "0 to 1",
                number -> number == Math.rint(number) ? (Object) number.intValue() : number,
                Map.of("type", List.of("number", "string"), "minimum", 0, "maximum", 1));
    }

    private static <T> ScalarType<T> words(
            String what, Map<String, T> table, Function<T, @Nullable Object> shown, Map<String, Object> schema) {
        return new ScalarType<>(
                what,
                (text, unit) -> Optional.ofNullable(table.get(text.toLowerCase(Locale.ROOT))),
                any -> true,
                "",
                shown,
                schema);
    }

    /** A name or address to bind; an IPv6 address with or without brackets. */
    static ScalarType<String> host() {
        return text(
                "a host name or address (examples: 127.0.0.1, ::, gateway.example.com)",
                text -> HOST.matcher(text).matches() ? Optional.of(text.replaceAll("[\\[\\]]", "")) : Optional.empty());
    }

    /** An IP address, or a range of them. */
    static ScalarType<Network> network() {
        return new ScalarType<>(
                "an IP address or a range of them with no bit set behind its prefix (examples: 10.0.0.7,"
                        + " 192.168.0.0/16, fd00::/8)",
                (text, unit) -> Network.parse(text),
                any -> true,
                "",
                Network::toString,
                Map.of("type", "string", "examples", List.of("10.0.0.7", "192.168.0.0/16", "fd00::/8")));
    }

    /** A word of up to 64 printable characters. */
    static ScalarType<String> word() {
        return text(
                "a word of 1 to 64 printable characters",
                text -> text.length() <= 64 && text.chars().allMatch(c -> c > ' ' && c < 127)
                        ? Optional.of(text)
                        : Optional.empty());
    }

    /** What a header field may say, in characters that every server takes. */
    static ScalarType<String> headerValue() {
        return text(
                "a header's value of 1 to 256 printable ASCII characters",
                text -> text.length() <= 256 && text.chars().allMatch(c -> c >= ' ' && c < 127)
                        ? Optional.of(text)
                        : Optional.empty());
    }

    static ScalarType<Path> path() {
        return new ScalarType<>(
                "a file's path",
                (text, unit) -> {
                    try {
                        return Optional.of(Path.of(text));
                    } catch (InvalidPathException e) {
                        return Optional.empty();
                    }
                },
                any -> true,
                "",
                Path::toString,
                Map.of("type", "string"));
    }

    /** An absolute http(s) URL without credentials, query or fragment; slashes at its end are dropped. */
    static ScalarType<URI> baseUrl() {
        return new ScalarType<>(
                "an http or https URL without credentials, query or fragment (example: https://openrouter.ai/api/v1)",
                (text, unit) -> uri(withoutSlashesBehind(text)).filter(url -> url.getRawQuery() == null),
                any -> true,
                "",
                URI::toString,
                Map.of("type", "string", "format", "uri"));
    }

    private static String withoutSlashesBehind(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == '/') {
            end--;
        }
        return text.substring(0, end);
    }

    /** An origin as browsers send it, in lower case. */
    static ScalarType<String> origin() {
        return text(
                "an origin (example: https://app.example.com); each is listed, * is none",
                text -> uri(text.toLowerCase(Locale.ROOT).replaceAll("/$", ""))
                        .filter(url -> url.getRawPath().isEmpty() && url.getRawQuery() == null)
                        .map(URI::toString));
    }

    private static Optional<URI> uri(String text) {
        try {
            URI url = new URI(text);
            boolean http = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
            boolean plain = url.getHost() != null && url.getRawUserInfo() == null && url.getRawFragment() == null;
            return http && plain && url.getPort() != 0 && url.getPort() < 65536 ? Optional.of(url) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** A path prefix; a missing slash at its begin is added, one at its end dropped. */
    static ScalarType<String> endpoint() {
        Predicate<String> secret = path -> !path.matches("(/api)?/v1/models/user(/.*)?");
        return new ScalarType<>(
                "a path (example: /api/v1/models)",
                (text, unit) -> text.matches("/?[A-Za-z0-9._~!$&'()*+,;=:@/-]{1,256}")
                                && !text.matches(".*(//|\\.\\.).*")
                        ? Optional.of(("/" + text).replaceAll("^/+", "/").replaceAll("(.)/$", "$1"))
                        : Optional.empty(),
                secret,
                "/models/user tells what an account may use and is never public",
                path -> path,
                Map.of("type", "string"));
    }

    private static ScalarType<String> text(String what, Function<String, Optional<String>> parser) {
        return new ScalarType<>(
                what, (text, unit) -> parser.apply(text), any -> true, "", text -> text, Map.of("type", "string"));
    }
}
