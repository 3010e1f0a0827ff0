package dev.keyway.cli;

import dev.keyway.wire.Secret;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Where keys are looked after: the running gateway, or its file while none runs. Throws nothing for what goes wrong. */
interface KeyDesk extends AutoCloseable {
    /** {@code {"keys":[…]}}. */
    Reply list();

    /** {@code {"message","id","created","warning"?}}; a key that is known becomes active again. */
    Reply add(Secret key, @Nullable String label, @Nullable String account);

    /** Does one thing to the key of this id. */
    Reply change(String id, KeyChange change);

    /**
     * Lets a key that was just added rest; the answer has {@code until} when it does. The admin API knows no such thing:
     * there the key's next refusal says it.
     */
    Reply rest(String id, Instant until);

    /** What is spoken to, for people: {@code the gateway at http://127.0.0.1:3000}. */
    String name();

    @Override
    void close();
}
