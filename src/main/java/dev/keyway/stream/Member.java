package dev.keyway.stream;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in a JSON document that {@link JsonScan} looks at: a tree of member names, built once and then only read.
 *
 * @param <F> what the places are called
 */
final class Member<F> {
    private final byte[] name;
    private final @Nullable F field;
    private final int limit;
    private final List<Member<F>> members = new ArrayList<>();
    private @Nullable Member<F> element;
    private @Nullable Member<F> otherwise;

    private Member(String name, @Nullable F field, int limit) {
        this.name = name.getBytes(StandardCharsets.UTF_8);
        this.field = field;
        this.limit = limit;
    }

    /** The document itself. */
    static <F> Member<F> root() {
        return new Member<>("", null, 0);
    }

    /** A member whose value is told, its first {@code limit} bytes. */
    Member<F> value(String memberName, F memberField, int memberLimit) {
        members.add(new Member<>(memberName, memberField, memberLimit));
        return this;
    }

    /** A member that is an object; answers the place within it. */
    Member<F> object(String memberName) {
        Member<F> member = new Member<>(memberName, null, 0);
        members.add(member);
        return member;
    }

    /** A member that is an array of objects; answers the place within each of them. */
    Member<F> objects(String memberName) {
        Member<F> item = new Member<>("", null, 0);
        object(memberName).element = item;
        return item;
    }

    /** All members that have no place of their own. */
    Member<F> otherwise(F memberField) {
        otherwise = new Member<>("", memberField, 0);
        return this;
    }

    @Nullable
    F field() {
        return field;
    }

    /** How many bytes of the value are told; 0 when it is not. */
    int limit() {
        return limit;
    }

    @Nullable
    Member<F> element() {
        return element;
    }

    /** Whether a container that opens with this byte has places within. */
    boolean opens(byte bracket) {
        return bracket == '{' ? !members.isEmpty() || otherwise != null : element != null;
    }

    /** The member of that name; null when nobody looks at it. */
    @Nullable
    Member<F> named(byte[] bytes, int length) {
        for (Member<F> member : members) {
            if (Arrays.equals(member.name, 0, member.name.length, bytes, 0, length)) {
                return member;
            }
        }
        return otherwise;
    }
}
