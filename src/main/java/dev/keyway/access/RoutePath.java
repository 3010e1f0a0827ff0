package dev.keyway.access;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A request's path as the upstream will get it and as decisions read it, so that both mean the same.
 *
 * <p>Paths that two readers could understand differently are refused: dot segments, empty segments, {@code ;}, a
 * backslash, control characters, escapes that are no UTF-8, escaped escapes. {@code %2F} is allowed, for model ids, and
 * separates nothing on the way to the upstream; {@link #words()} still splits at it, so that it hides nothing.
 *
 * @param prefix {@code /v1} or {@code /api/v1}; empty when the path is under neither
 * @param rest what comes after the prefix, still percent-encoded: empty or with a leading slash
 * @param segments of the rest, decoded; {@code a%2Fb} is one segment {@code a/b}; a trailing slash adds none
 */
public record RoutePath(String prefix, String rest, List<String> segments) {
    private static final String ATTRIBUTE = RoutePath.class.getName();
    private static final String INFERENCE = "inference";
    private static final String MODELS = "models";

    /**
     * The routes that the REST and WebSocket system had limits on, longest first; {@code *} is any word, {@code **} any
     * words or none.
     */
    private static final List<Pattern> KINDS = List.of(
            new Pattern("/api/v1", List.of(INFERENCE, "**"), Kind.INFERENCE),
            new Pattern("/api/v1", List.of(MODELS, "*", "*", "parameters"), Kind.CATALOGUE),
            new Pattern("/api/v1", List.of(MODELS, "*", "*", "pricing"), Kind.CATALOGUE),
            new Pattern("/api/v1", List.of(MODELS, "*", "*"), Kind.CATALOGUE),
            new Pattern("/api/v1", List.of(MODELS, "top"), Kind.CATALOGUE),
            new Pattern("/api/v1", List.of(MODELS, "search"), Kind.CATALOGUE),
            new Pattern("/api/v1", List.of(MODELS, "providers"), Kind.CATALOGUE),
            new Pattern("", List.of("ws"), Kind.SOCKET));

    private static final List<Prefix> PREFIXES = List.of(new Prefix("/api/v1", 2), new Prefix("/v1", 1));

    private record Prefix(String path, int segments) {
        boolean leads(String raw) {
            return raw.startsWith(path) && (raw.length() == path.length() || raw.charAt(path.length()) == '/');
        }
    }

    /** What a path is to limits. */
    public enum Kind {
        /** {@code /api/v1/inference} and below. */
        INFERENCE,
        /** What Keyway itself answers about models below {@code /api/v1/models}. */
        CATALOGUE,
        /** {@code /ws}. */
        SOCKET,
        /** Everything else, all that is only passed on. */
        OTHER
    }

    private record Pattern(String prefix, List<String> words, Kind kind) {
        boolean matches(String otherPrefix, List<String> others) {
            boolean open = words.get(words.size() - 1).equals("**");
            int fixed = open ? words.size() - 1 : words.size();
            if (!prefix.equals(otherPrefix) || others.size() < fixed || (!open && others.size() > fixed)) {
                return false;
            }
            for (int i = 0; i < fixed; i++) {
                if (!words.get(i).equals("*") && !words.get(i).equals(others.get(i))) {
                    return false;
                }
            }
            return true;
        }
    }

    public RoutePath {
        segments = List.copyOf(segments);
    }

    /** That of a request. */
    public static RoutePath of(HttpServletRequest request) {
        String uri = request.getRequestURI();
        String context = request.getContextPath();
        if (!uri.startsWith(context)) {
            throw refused("its context is percent-encoded");
        }
        return of(uri.substring(context.length()));
    }

    /** That of a request which {@link #give} was called for; else it is read. */
    public static RoutePath given(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof RoutePath path ? path : of(request);
    }

    /** Keeps it with its request, so that it is read once. */
    void give(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    /** What it is to limits; nothing is made to tell it of a path that is only passed on. */
    public Kind kind() {
        if (!mayBeLimited()) {
            return Kind.OTHER;
        }
        List<String> words = words();
        for (Pattern pattern : KINDS) {
            if (pattern.matches(prefix, words)) {
                return pattern.kind();
            }
        }
        return Kind.OTHER;
    }

    private boolean mayBeLimited() {
        if (segments.isEmpty()) {
            return false;
        }
        // The beginning only: a%2Fb is one segment.
        String first = segments.get(0);
        return switch (prefix) {
            case "/api/v1" ->
                startsWith(first, INFERENCE) || (startsWith(first, MODELS) && rest.length() > MODELS.length() + 1);
            case "" -> segments.size() == 1 && first.equalsIgnoreCase("ws");
            default -> false;
        };
    }

    private static boolean startsWith(String text, String start) {
        return text.regionMatches(true, 0, start, 0, start.length());
    }

    /**
     * Reads a path.
     *
     * @param raw the path within the context as it came, without query, such as {@code /v1/models/a%2Fb}
     * @throws ApiException 400 when it is ambiguous
     */
    public static RoutePath of(String raw) {
        List<String> all = decode(raw);
        for (Prefix prefix : PREFIXES) {
            if (prefix.leads(raw)) {
                return new RoutePath(
                        prefix.path(),
                        raw.substring(prefix.path().length()),
                        all.subList(prefix.segments(), all.size()));
            }
        }
        if (PREFIXES.stream().anyMatch(prefix -> isUnder(prefix.path(), all))) {
            throw refused("its prefix is percent-encoded");
        }
        return new RoutePath("", raw, all);
    }

    private static boolean isUnder(String prefix, List<String> segments) {
        String decoded = "/" + String.join("/", segments) + "/";
        return decoded.startsWith(prefix + "/");
    }

    /** The segments in lower case, split at encoded slashes too: for rules that must not be evaded. */
    public List<String> words() {
        List<String> words = new ArrayList<>(segments.size());
        for (String segment : segments) {
            for (String word : segment.split("/", -1)) {
                words.add(word.toLowerCase(Locale.ROOT));
            }
        }
        return words;
    }

    private static List<String> decode(String raw) {
        if (!raw.startsWith("/")) {
            throw refused("it does not begin with a slash");
        }
        String[] parts = raw.substring(1).split("/", -1);
        List<String> segments = new ArrayList<>(parts.length);
        for (int i = 0; i < parts.length; i++) {
            boolean trailing = i == parts.length - 1;
            if (isPlain(parts[i])) {
                segments.add(parts[i]);
            } else if (!parts[i].isEmpty()) {
                segments.add(checked(decodeSegment(parts[i])));
            } else if (!trailing) {
                throw refused("it holds an empty segment (//)");
            }
        }
        return segments;
    }

    /** Whether it is letters, digits, underscores and hyphens, and so reads the same whoever reads it. */
    private static boolean isPlain(String part) {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            boolean plain =
                    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
            if (!plain) {
                return false;
            }
        }
        return !part.isEmpty();
    }

    private static String decodeSegment(String part) {
        ByteBuffer bytes = ByteBuffer.allocate(part.length());
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c == '%') {
                bytes.put((byte) (hex(part, i + 1) << 4 | hex(part, i + 2)));
                i += 2;
            } else if (c > ' ' && c < 0x7f) {
                bytes.put((byte) c);
            } else {
                throw refused("it holds a character that must be percent-encoded");
            }
        }
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(bytes.flip());
            return text.toString();
        } catch (CharacterCodingException e) {
            throw refused("its percent-escapes are not UTF-8");
        }
    }

    private static int hex(String part, int at) {
        int digit = at < part.length() ? Character.digit(part.charAt(at), 16) : -1;
        if (digit < 0) {
            throw refused("it holds a percent sign without two hex digits");
        }
        return digit;
    }

    private static String checked(String segment) {
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == '\\' || c == ';' || Character.isISOControl(c)) {
                throw refused("it holds a backslash, a semicolon or a control character");
            }
            if (c == '%' && isHex(segment, i + 1) && isHex(segment, i + 2)) {
                throw refused("it is percent-encoded twice");
            }
        }
        for (String word : segment.split("/", -1)) {
            if (word.isEmpty() || word.equals(".") || word.equals("..")) {
                throw refused("it holds a dot segment or an empty one");
            }
        }
        return segment;
    }

    private static boolean isHex(String text, int at) {
        return at < text.length() && Character.digit(text.charAt(at), 16) >= 0;
    }

    private static ApiException refused(String why) {
        return new ApiException(ErrorCode.VALIDATION, "the path is ambiguous: " + why);
    }
}
