package dev.keyway.wire;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is wrong with one member of a body or one parameter of a query.
 *
 * @param field its name as JavaScript writes it, {@code limit} or {@code messages[2].role}
 * @param pointer where it stands, as a JSON pointer (RFC 6901); a parameter counts as a member of its query
 * @param message what it must be; repeats nothing of the value, which may be a prompt
 */
public record FieldProblem(String field, String pointer, String message) {
    Map<String, Object> asMap() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("field", field);
        members.put("pointer", pointer);
        members.put("message", message);
        return members;
    }
}
