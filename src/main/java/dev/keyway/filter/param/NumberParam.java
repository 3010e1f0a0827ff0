package dev.keyway.filter.param;

import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import dev.keyway.exchange.Api;
import dev.keyway.wire.JsonBody;
import java.util.regex.Pattern;

/** {@code temperature}, {@code top_p} and {@code top_k}: a number, written to the member of the same name. */
final class NumberParam implements Param {
    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?(\\d{1,10}(\\.\\d{0,17})?|\\.\\d{1,17})([eE][+-]?\\d{1,2})?");

    private final String name;
    private final double least;
    private final double most;
    private final boolean whole;

    private NumberParam(String name, double least, double most, boolean whole) {
        this.name = name;
        this.least = least;
        this.most = most;
        this.whole = whole;
    }

    static NumberParam decimal(String name, int least, int most) {
        return new NumberParam(name, least, most, false);
    }

    /** A whole number of at least 1; {@code 40.0} is one. */
    static NumberParam whole(String name) {
        return new NumberParam(name, 1, Integer.MAX_VALUE, true);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String allowed() {
        return whole ? "a whole number of at least 1" : "a number from " + (int) least + " to " + (int) most;
    }

    @Override
    public String place(Api api) {
        return api.takesTags() ? name : "";
    }

    @Override
    public JsonBody write(JsonBody body, String value, Api api) throws IgnoredException {
        if (!DECIMAL.matcher(value).matches()) {
            throw new IgnoredException("must be " + allowed());
        }
        double number = Double.parseDouble(value);
        if (!(number >= least && number <= most) || (whole && number != Math.rint(number))) {
            throw new IgnoredException("must be " + allowed());
        }
        return body.with(name, whole ? IntNode.valueOf((int) number) : DoubleNode.valueOf(number));
    }
}
