package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** How one of OpenRouter's inference APIs writes an answer. An event is its text with the empty line that ends it. */
interface Dialect {
    /** A whole answer with this text. */
    ObjectNode whole(Generation generation, String text);

    /** The events before the first piece of text: the stream's start and all reasoning. */
    List<String> opening(Generation generation);

    /** The event of one piece of text. */
    String delta(Generation generation, long number);

    /** The events after the last piece, the end mark last. */
    List<String> closing(Generation generation);

    /**
     * The event that tells of a failure in the middle.
     *
     * @param code a number or a string
     * @param sent data events sent so far
     */
    String failure(Generation generation, JsonNode code, String message, long sent);

    /** A whole answer that failed after part of its text: status 200 all the same. */
    ObjectNode failed(Generation generation, ApiError error);

    /** The body of an error with a status of its own. */
    ObjectNode error(ApiError error, String account);

    /** Tokens one answer may have by the request's own words; the model's limit when it says nothing. */
    long maxTokens(JsonNode request, CatalogueModel model);

    /** The member that holds the prompt. */
    String promptMember();
}
