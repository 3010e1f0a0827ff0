package dev.keyway.faults;

import dev.keyway.faults.Turn.Death;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.sandbox.SandboxTls;
import dev.keyway.sandbox.SandboxTls.Variant;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/** Everything the gateways of the table talk to, and how each gateway is set up for it. */
final class Upstreams implements AutoCloseable {
    /** The gateway before the stand-in; the others are named in the table. */
    static final String STAND_IN = "stand-in";

    static final String RAW = "raw";
    /** Requests that run side by side at most, in the gateways where they do. */
    static final int PLACES = 12;

    /** Enough that a key which rests by mistake fails its own cell and no other. */
    private static final int KEYS = 40;

    private static final long RECORDED_BYTES = 512L << 20;

    private final Deque<Closeable> open = new ArrayDeque<>();
    private final Map<String, Map<String, String>> settings = new LinkedHashMap<>();
    private final Map<String, Sandbox> standIns = new LinkedHashMap<>();
    private final Map<String, RawUpstream> raws = new LinkedHashMap<>();
    private final Map<String, IntSupplier> connections = new LinkedHashMap<>();

    Upstreams(Path folder) throws IOException, GeneralSecurityException {
        standIn(STAND_IN, PLACES, KEYS);
        standIn("stand-in-keys", 2, KEYS);
        raw(RAW, PLACES, KEYS);
        raw("raw-keys", 2, KEYS);
        address("no-such-name", "https://keyway-upstream.invalid/api/v1", () -> 0);
        address("refused", url(closedPort()), () -> 0);
        address("full-backlog", url(fullBacklog()), () -> 0);
        Slammer closing = opened(new Slammer(Death.FIN, 0));
        address("closes-at-once", url(closing.port()), closing::connections);
        Slammer resetting = opened(new Slammer(Death.RST, 5));
        address("tls-reset", "https://127.0.0.1:" + resetting.port() + "/api/v1", resetting::connections);
        tls("tls-expired", Variant.EXPIRED, folder);
        tls("tls-wrong-name", Variant.WRONG_NAME, folder);
        tls("tls-unknown", Variant.UNKNOWN_AUTHORITY, folder);
        tls("tls-stalled", Variant.STALLED, folder);
    }

    /** Each gateway's settings, path to value, by the gateway's name. */
    Map<String, Map<String, String>> settings() {
        return settings;
    }

    /** Whether a gateway takes one request at a time only, so that what it does can be told from all else. */
    static boolean isSerial(String gateway) {
        return !gateway.equals(STAND_IN) && !gateway.equals(RAW);
    }

    /** Whether a gateway can answer a request at all. */
    boolean canServe(String gateway) {
        return standIns.containsKey(gateway) || raws.containsKey(gateway);
    }

    /** The sends of one cell's request that were seen at the gateway's upstream. */
    List<Attempt> attempts(String gateway, String cell) {
        RawUpstream raw = raws.get(gateway);
        if (raw != null) {
            return raw.attempts(cell);
        }
        Sandbox standIn = standIns.get(gateway);
        return standIn == null
                ? List.of()
                : standIn.received().stream()
                        .filter(received -> cell.equals(received.header("X-Cell")))
                        .map(Upstreams::attempt)
                        .toList();
    }

    private static Attempt attempt(Received received) {
        var key = received.key();
        return new Attempt(
                key == null ? "" : key.reveal(),
                received.responseBody(),
                received.responseLength(),
                received.responseSha256());
    }

    /** Whether no upstream is still busy with a request that Keyway should have given up. */
    boolean areIdle() throws InterruptedException {
        for (Sandbox standIn : standIns.values()) {
            if (!standIn.awaitIdle(Duration.ofMillis(1))) {
                return false;
            }
        }
        return raws.values().stream().allMatch(RawUpstream::isIdle);
    }

    /** Connections that an upstream without requests has taken. */
    int connections(String gateway) {
        return connections.getOrDefault(gateway, () -> 0).getAsInt();
    }

    /** Whether a stale connection was prepared and not met. */
    boolean deathIsPending(String gateway) {
        RawUpstream raw = raws.get(gateway);
        return raw != null && raw.deathIsPending();
    }

    /** The keys of a gateway's pool. */
    static List<String> keys(String gateway, int number) {
        return IntStream.range(0, number)
                .mapToObj(i -> "sk-or-v1-"
                        + new dev.keyway.wire.Secret(gateway + "#" + i).id(64).substring(2))
                .toList();
    }

    private void standIn(String gateway, int places, int keys) throws IOException {
        Sandbox sandbox = Sandbox.start(SandboxOptions.forTests().withRecord(10_000, RECORDED_BYTES));
        open.push(sandbox::close);
        standIns.put(gateway, sandbox);
        configure(gateway, sandbox.baseUrl().toString(), places, keys);
    }

    private void raw(String gateway, int places, int keys) throws IOException {
        RawUpstream raw = opened(new RawUpstream());
        raws.put(gateway, raw);
        // A name, so that the table has a name that resolves to an address of this machine.
        configure(gateway, "http://localhost:" + raw.port() + "/api/v1", places, keys);
    }

    private void address(String gateway, String url, IntSupplier seen) {
        connections.put(gateway, seen);
        configure(gateway, url, 1, 2);
    }

    private void tls(String gateway, Variant variant, Path folder) throws IOException, GeneralSecurityException {
        SandboxTls tls = SandboxTls.create(variant, InstantSource.system());
        Sandbox sandbox = Sandbox.start(SandboxOptions.forTests().withTls(tls));
        open.push(sandbox::close);
        address(gateway, sandbox.baseUrl().toString(), sandbox::connections);
        of(gateway)
                .put(
                        "upstream.ca_file",
                        tls.writeAuthority(folder.resolve(gateway + ".pem"))
                                .toAbsolutePath()
                                .toString());
    }

    private Map<String, String> of(String gateway) {
        return settings.computeIfAbsent(gateway, name -> new LinkedHashMap<>());
    }

    private void configure(String gateway, String baseUrl, int places, int keys) {
        Map<String, String> map = of(gateway);
        map.put("openrouter.base_url", baseUrl);
        map.put("openrouter.keys", String.join(",", keys(gateway, keys)));
        map.put("openrouter.google_rate_delay", "0s");
        map.put("server.max_concurrent_requests", Integer.toString(places));
        map.put("server.drain_timeout", "10s");
        map.put("upstream.connect_timeout", "1s");
        map.put("upstream.first_byte_timeout", "4s");
        map.put("upstream.idle_timeout", "4s");
        map.put("upstream.total_timeout", "10s");
        map.put("upstream.stream_timeout", "10s");
        map.put("upstream.hold", "500ms");
        // Side by side the cells would empty the one and open the other; each has tests of its own.
        map.put("retry.budget", "1");
        map.put("upstream.circuit_failures", "0");
    }

    private <T extends Closeable> T opened(T resource) {
        open.push(resource);
        return resource;
    }

    private static String url(int port) {
        return "http://127.0.0.1:" + port + "/api/v1";
    }

    private static int closedPort() throws IOException {
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return closed.getLocalPort();
        }
    }

    /** A listener that has no room for one more connection: its SYNs go unanswered, as behind a firewall. */
    private int fullBacklog() throws IOException {
        ServerSocket full = opened(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        List<Socket> queued = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Socket socket = opened(new Socket());
            queued.add(socket);
            try {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), full.getLocalPort()), 300);
            } catch (SocketTimeoutException stuck) {
                return full.getLocalPort();
            }
        }
        throw new IOException("a listener with a backlog of 1 took " + queued.size() + " connections");
    }

    @Override
    public void close() throws IOException {
        for (Closeable resource : open) {
            resource.close();
        }
    }
}
