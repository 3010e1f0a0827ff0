package dev.keyway.inference;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is wrong with one member of a request.
 *
 * @param field as JavaScript writes it, {@code messages[0].role}
 * @param pointer RFC 6901, {@code /messages/0/role}
 * @param message what is allowed; repeats nothing of the value, which may be a prompt
 */
record Finding(String field, String pointer, String message) {
    Map<String, Object> asMap() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("field", field);
        members.put("pointer", pointer);
        members.put("message", message);
        return members;
    }
}
