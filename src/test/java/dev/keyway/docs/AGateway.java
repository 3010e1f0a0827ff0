package dev.keyway.docs;

import dev.keyway.app.Chain;
import dev.keyway.app.Endpoints;
import dev.keyway.app.Gateway;
import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigLoader;
import dev.keyway.config.ConfigResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/** A gateway as it is wired, installed nowhere: to be asked what it is made of. */
record AGateway(Gateway gateway) implements AutoCloseable {
    static AGateway in(Path home) throws IOException {
        ConfigInputs inputs = ConfigInputs.standalone(Map.of("--home", home.toString()), Map.of(), Map.of(), home);
        ConfigResult.Loaded loaded = (ConfigResult.Loaded) new ConfigLoader(inputs).load();
        return new AGateway(new Gateway(loaded.config(), InstantSource.system()));
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
