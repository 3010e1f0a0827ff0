package dev.keyway.cli;

import dev.keyway.wire.Secret;
import org.jspecify.annotations.Nullable;

/** What can be a key; of one that can't only its id is told. */
final class KeyText {
    static final String UPSTREAM_PREFIX = "sk-or-";
    private static final String PLACEHOLDER = "your_openrouter_api_key_here";
    private static final int LONGEST = 512;

    private KeyText() {}

    /** What is wrong with an upstream key; null: nothing. */
    static @Nullable String wrong(String key) {
        return key.equals(PLACEHOLDER) ? "is the placeholder " + PLACEHOLDER : wrongForm(key);
    }

    /** What is wrong with the form of any key; null: nothing. */
    static @Nullable String wrongForm(String key) {
        String id = new Secret(key).id();
        if (!HeaderText.fits(key)) {
            return id + " contains a blank, a control character or a letter outside ASCII";
        }
        return key.length() > LONGEST ? id + " is longer than " + LONGEST + " characters" : null;
    }

    /** Whether it is what {@code label} and {@code account} may be: 1 to 64 characters, and no key. */
    static boolean isName(String text) {
        return !text.isBlank()
                && text.length() <= 64
                && text.chars().noneMatch(Character::isISOControl)
                && !text.contains(UPSTREAM_PREFIX);
    }
}
