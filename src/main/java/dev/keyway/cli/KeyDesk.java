package dev.keyway.cli;

import dev.keyway.wire.Secret;
import org.jspecify.annotations.Nullable;

/** Where keys are looked after: the running gateway, or its file while none runs. Throws nothing for what goes wrong. */
interface KeyDesk extends AutoCloseable {
    /** {@code {"keys":[…]}}. */
    Reply list();

    /** {@code {"message","id","created","warning"?}}; a key that is known becomes active again. */
    Reply add(Secret key, @Nullable String label, @Nullable String account);

    /** Does one thing to the key of this id. */
    Reply change(String id, KeyChange change);

    /** What is spoken to, for people: {@code the gateway at http://127.0.0.1:3000}. */
    String name();

    @Override
    void close();
}
