package dev.keyway.seeds;

import java.net.URI;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** Reads the curl lines of a page into the requests that curl makes of them; it knows -X, -H, -d and -N. */
final class CurlLines {
    private CurlLines() {}

    /** Every curl line of the text, in order; comments between them are passed over. */
    static List<HttpCall> all(String text) {
        return ShellWords.lines(text).stream().map(CurlLines::request).toList();
    }

    /** The one that there is. */
    static HttpCall one(String text) {
        return request(ShellWords.words(text));
    }

    private static HttpCall request(List<String> words) {
        Iterator<String> rest = words.iterator();
        if (!rest.next().equals("curl")) {
            throw new IllegalArgumentException("not a curl line: " + words);
        }
        String method = "";
        URI url = null;
        String body = "";
        List<String> headers = new ArrayList<>(List.of("User-Agent: curl/8.14.1", "Accept: */*"));
        while (rest.hasNext()) {
            String word = rest.next();
            switch (word) {
                case "-X" -> method = rest.next();
                case "-H" -> headers.add(rest.next());
                case "-d" -> body = rest.next();
                case "-N" -> {
                    // Of the client only: it prints what comes at once.
                }
                default -> {
                    if (word.startsWith("-") || url != null) {
                        throw new IllegalArgumentException("not known to this reader: " + word + " in " + words);
                    }
                    url = URI.create(word);
                }
            }
        }
        if (url == null) {
            throw new IllegalArgumentException("no URL in " + words);
        }
        if (!body.isEmpty() && headers.stream().noneMatch(CurlLines::isContentType)) {
            headers.add("Content-Type: application/x-www-form-urlencoded");
        }
        return new HttpCall(method.isEmpty() ? body.isEmpty() ? "GET" : "POST" : method, url, headers, body);
    }

    private static boolean isContentType(String header) {
        return header.toLowerCase(Locale.ROOT).startsWith("content-type:");
    }
}
