package dev.keyway.exchange;

import java.util.List;

/**
 * Which models a client may use.
 *
 * <p>A glob is a model's id in which each {@code *} stands for any characters or none, {@code /} and {@code :} among
 * them; all else is literal, and upper case differs from lower case.
 *
 * @param globs a model must match one of them; none: every model is allowed
 */
public record AllowedModels(List<String> globs) {
    /** Every model. */
    public static final AllowedModels ALL = new AllowedModels(List.of());

    /** No model's id comes near it; so a text of megabytes costs nothing. */
    private static final int LONGEST_MODEL = 256;

    private static final int SHOWN = 20;

    public AllowedModels {
        globs = List.copyOf(globs);
    }

    /** Whether some models are not allowed. */
    public boolean restrict() {
        return !globs.isEmpty();
    }

    /** Whether this model may be used; its {@code :variant} is part of it. */
    public boolean permit(String model) {
        return !restrict()
                || (model.length() <= LONGEST_MODEL && globs.stream().anyMatch(glob -> matches(glob, model)));
    }

    /** The globs, for people; the first {@value #SHOWN} of many. */
    public String text() {
        String shown = String.join(", ", globs.subList(0, Math.min(SHOWN, globs.size())));
        return globs.size() <= SHOWN ? shown : shown + " and " + (globs.size() - SHOWN) + " more";
    }

    /**
     * Each piece between two stars is taken where it first fits, which is never wrong, so nothing is tried twice: the
     * time is at most the product of both lengths.
     */
    static boolean matches(String glob, String text) {
        List<String> pieces = List.of(glob.split("\\*", -1));
        String first = pieces.get(0);
        String last = pieces.get(pieces.size() - 1);
        if (pieces.size() == 1) {
            return text.equals(glob);
        }
        if (text.length() < first.length() + last.length() || !text.startsWith(first) || !text.endsWith(last)) {
            return false;
        }
        int at = first.length();
        int end = text.length() - last.length();
        for (String piece : pieces.subList(1, pieces.size() - 1)) {
            int found = text.indexOf(piece, at);
            if (found < 0 || found + piece.length() > end) {
                return false;
            }
            at = found + piece.length();
        }
        return true;
    }
}
