package dev.keyway.cli;

import dev.keyway.app.GatewayContextListener;
import dev.keyway.launch.PortInUseException;
import dev.keyway.launch.StandaloneServer;
import java.io.IOException;
import java.time.Duration;

/** Serves until SIGTERM. */
public final class KeywayCommand {
    private KeywayCommand() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        int port = args.length == 2 && "--port".equals(args[0]) ? Integer.parseInt(args[1]) : 3000;
        try {
            StandaloneServer server = StandaloneServer.start("127.0.0.1", port, new GatewayContextListener());
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                server.stop(Duration.ofSeconds(30));
                Runtime.getRuntime().halt(0);
            }));
            System.out.println("http://127.0.0.1:" + server.port());
            server.awaitStop();
        } catch (PortInUseException e) {
            System.err.println(e.getMessage() + "; --port 0 takes a free one");
            System.exit(1);
        }
    }
}
