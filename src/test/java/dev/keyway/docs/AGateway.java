package dev.keyway.docs;

import dev.keyway.app.Chain;
import dev.keyway.app.Endpoints;
import dev.keyway.app.Gateway;
import dev.keyway.testing.Configs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/** A gateway as it is wired, installed nowhere: to be asked what it is made of. */
record AGateway(Gateway gateway) implements AutoCloseable {
    static AGateway in(Path home) throws IOException {
        return new AGateway(
                new Gateway(Configs.loaded(Map.of("--home", home.toString()), home), InstantSource.system()));
    }

    Chain chain() {
        return gateway.chain();
    }

    Endpoints endpoints() {
        return gateway.endpoints();
    }

    @Override
    public void close() {
        gateway.close();
    }
}
