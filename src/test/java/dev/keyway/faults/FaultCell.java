package dev.keyway.faults;

import dev.keyway.exchange.Api;
import java.util.List;

/**
 * One fault in one mode, and what must come of it: a line of {@code upstream-faults.csv}, where the columns are
 * explained.
 *
 * @param id {@code U01} to {@code U78}; several cells may share one
 * @param mode {@code stream} or {@code whole}
 * @param gateway which gateway is asked; empty when the fault is left out
 * @param madeBy the stand-in's model name, a script of {@link Scripts}, or what the gateway's address is
 * @param type of an own error its {@code error.type}; of an error event its code; else empty
 * @param retry the value of {@code x-should-retry}; empty when it must be absent, {@code any} when it does not matter
 * @param attempts requests that were seen at the upstream's socket, or connections when nothing could be asked
 * @param orMore whether there may be more of them
 * @param rests how many keys come to rest and why, such as {@code 1 rate_limited}; empty when none may
 * @param pending the work that is still missing for the cell to hold; until then it must fail
 * @param note a remark; the reason of a fault that is left out
 */
record FaultCell(
        String id,
        String fault,
        String mode,
        String api,
        String gateway,
        String madeBy,
        int status,
        String ending,
        String type,
        String retry,
        int attempts,
        boolean orMore,
        String rests,
        String pending,
        String note,
        int line) {
    private static final int COLUMNS = 14;

    static FaultCell parse(String text, int line) {
        List<String> fields = List.of(text.split("\\|", -1)).stream()
                .map(String::strip)
                .map(field -> field.equals("-") ? "" : field)
                .toList();
        if (fields.size() != COLUMNS) {
            throw new IllegalArgumentException("line " + line + " has " + fields.size() + " columns: " + text);
        }
        return new FaultCell(
                fields.get(0),
                fields.get(1),
                fields.get(2),
                fields.get(3),
                fields.get(4),
                fields.get(5),
                number(fields.get(6)),
                fields.get(7),
                fields.get(8),
                fields.get(9),
                number(fields.get(10)),
                fields.get(10).endsWith("+"),
                fields.get(11),
                fields.get(12),
                fields.get(13),
                line);
    }

    private static int number(String text) {
        return text.isEmpty() ? 0 : Integer.parseInt(text.replace("+", ""));
    }

    boolean leftOut() {
        return gateway.isEmpty();
    }

    boolean stream() {
        return mode.equals("stream");
    }

    /** How the cell is named on the wire, so that each attempt can be counted for it. */
    String mark() {
        return id + "-" + line;
    }

    boolean byStandIn() {
        return madeBy.startsWith("sandbox/");
    }

    /** The script of {@link Scripts} that makes it; empty when it is made in another way. */
    String script() {
        return madeBy.startsWith("raw/") ? madeBy.substring("raw/".length()) : "";
    }

    Api inference() {
        return switch (api) {
            case "messages" -> Api.MESSAGES;
            case "responses" -> Api.RESPONSES;
            default -> Api.CHAT;
        };
    }

    String path() {
        return switch (inference()) {
            case MESSAGES -> "/v1/messages";
            case RESPONSES -> "/v1/responses";
            default -> "/v1/chat/completions";
        };
    }

    /** How many keys must rest. */
    int resting() {
        return rests.isEmpty() ? 0 : Integer.parseInt(rests.split(" ", 2)[0]);
    }

    /** Why they must rest. */
    String restReason() {
        return rests.isEmpty() ? "" : rests.split(" ", 2)[1];
    }

    @Override
    public String toString() {
        return id + " " + fault + ", " + mode + (api.isEmpty() ? "" : " of " + api) + ": " + status + " " + ending;
    }
}
