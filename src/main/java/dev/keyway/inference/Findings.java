package dev.keyway.inference;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.FieldProblem;
import dev.keyway.wire.JsonValue;
import java.util.ArrayList;
import java.util.List;

/** All that is wrong with one request, in the order it was found; at most {@value #MOST}. */
final class Findings {
    private static final int MOST = 100;

    private final List<FieldProblem> all = new ArrayList<>();

    /** A member that is being looked at: where it stands, and what is there. */
    record Place(String field, String pointer, JsonValue value, Findings findings) {
        /** The member of this name inside it. */
        Place member(String name, JsonValue inner) {
            String path = field.isEmpty() ? name : field + "." + name;
            String escaped = name.replace("~", "~0").replace("/", "~1");
            return new Place(path, pointer + "/" + escaped, inner, findings);
        }

        /** Its element of this index, from 0. */
        Place element(int index, JsonValue inner) {
            return new Place(field + "[" + index + "]", pointer + "/" + index, inner, findings);
        }

        /** Says what is wrong with it: {@code must be a string}. */
        void wrong(String message) {
            findings.add(new FieldProblem(field, pointer, message));
        }

        /** Says that a member is missing in it. */
        void missing(String name) {
            String path = field.isEmpty() ? name : field + "." + name;
            findings.add(new FieldProblem(path, pointer + "/" + name, "is required"));
        }
    }

    void add(FieldProblem problem) {
        if (all.size() < MOST) {
            all.add(problem);
        }
    }

    boolean isFull() {
        return all.size() == MOST;
    }

    /** @throws ApiException 400 that names all of them; nothing when there are none */
    void refuse() {
        if (!all.isEmpty()) {
            throw ApiException.invalid(all);
        }
    }
}
