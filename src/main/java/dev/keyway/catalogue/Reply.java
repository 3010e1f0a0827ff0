package dev.keyway.catalogue;

import dev.keyway.exchange.Header;
import dev.keyway.exchange.OwnAnswer;
import dev.keyway.wire.ApiException;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes what is written out of a list of models. */
final class Reply {
    private Reply() {}

    /**
     * The answer out of a list.
     *
     * @param known the request's {@code If-None-Match}; null without
     * @throws ApiException 404 for a model that is not there
     */
    static OwnAnswer.Content of(
            Answers.Question question, Look look, CatalogueOptions options, @Nullable String known) {
        String etag = question.etag(look.list(), options);
        List<Header> headers = new ArrayList<>(List.of(
                new Header("ETag", etag),
                // To be kept by who asked, and asked for again each time, which costs a 304.
                new Header("Cache-Control", "private, no-cache"),
                new Header("Age", Long.toString(look.age().toSeconds())),
                new Header("X-Cache", look.fetched() ? "MISS" : "HIT"),
                new Header("Cache-Status", "Keyway; " + status(look))));
        List<ByteBuffer> body = Answers.answer(question, look.list(), options);
        return known != null && matches(known, etag)
                ? new OwnAnswer.Content(HttpServletResponse.SC_NOT_MODIFIED, headers, List.of(), false, null)
                : new OwnAnswer.Content(HttpServletResponse.SC_OK, headers, body, false, null);
    }

    /** RFC 9211: a negative {@code ttl} is that of a list which is too old. */
    private static String status(Look look) {
        return look.fetched() ? "fwd=miss; stored" : "hit; ttl=" + seconds(look.left());
    }

    private static long seconds(Duration left) {
        return left.isNegative() ? -left.negated().plusNanos(999_999_999).toSeconds() : left.toSeconds();
    }

    /** RFC 9110 §13.1.2: a list of validators or a star, compared weakly. */
    private static boolean matches(String known, String etag) {
        for (String one : known.split(",", -1)) {
            String bare = one.strip();
            if (bare.equals("*") || bare.equals(etag) || bare.equals("W/" + etag)) {
                return true;
            }
        }
        return false;
    }
}
