package dev.keyway.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.inference.Findings.Place;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.JsonValue.Kind;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a member may be. */
interface Rule {
    /** Says what is wrong with what stands there, which is not null. */
    void check(Place place);

    /** Of one kind, whatever is in it. */
    static Rule of(Kind kind) {
        return place -> {
            if (!place.value().is(kind)) {
                place.wrong("must be " + kind.phrase());
            }
        };
    }

    /** A number within these bounds. */
    static Rule number(int least, int most) {
        return place -> {
            BigDecimal number = number(place);
            if (number == null || outside(number, least, most)) {
                place.wrong("must be a number from " + least + " to " + most);
            }
        };
    }

    /**
     * A number without a fraction.
     *
     * @param range what is allowed, {@code of 1 or more}; empty when all are
     */
    static Rule whole(long least, long most, String range) {
        return place -> {
            BigDecimal number = number(place);
            if (number == null || !isWhole(number) || outside(number, least, most)) {
                place.wrong("must be a whole number" + (range.isEmpty() ? "" : " " + range));
            }
        };
    }

    private static boolean outside(BigDecimal number, long least, long most) {
        return number.compareTo(BigDecimal.valueOf(least)) < 0 || number.compareTo(BigDecimal.valueOf(most)) > 0;
    }

    private static boolean isWhole(BigDecimal number) {
        return number.signum() == 0 || number.stripTrailingZeros().scale() <= 0;
    }

    private static @Nullable BigDecimal number(Place place) {
        if (!place.value().is(Kind.NUMBER)) {
            return null;
        }
        try {
            JsonNode node = place.value().node();
            return node.decimalValue();
        } catch (ApiException absurd) {
            // Over 1,000 digits: no range here has such a number.
            return null;
        }
    }

    /** A string that is one of these. */
    static Rule oneOf(String... words) {
        List<String> known = List.of(words);
        return place -> {
            String text = place.value().text();
            if (text == null || !known.contains(text)) {
                place.wrong("must be one of " + String.join(", ", known));
            }
        };
    }

    /** Any string. */
    static Rule text(boolean mayBeEmpty) {
        return place -> {
            String text = place.value().text();
            if (text == null) {
                place.wrong("must be a string");
            } else if (!mayBeEmpty && text.isBlank()) {
                place.wrong("must not be empty");
            }
        };
    }

    /** One of two kinds, each by its own rule. */
    static Rule either(Kind first, Rule ofFirst, Kind second, Rule ofSecond) {
        Set<Kind> kinds = Set.of(first, second);
        return place -> {
            Kind kind = place.value().kind();
            if (!kinds.contains(kind)) {
                place.wrong("must be " + first.phrase() + " or " + second.phrase());
            } else {
                (kind == first ? ofFirst : ofSecond).check(place);
            }
        };
    }
}
