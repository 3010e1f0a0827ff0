package dev.keyway.upstream;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An upstream that is only a socket and keeps books. Each request is met by the next act of its script, by a good answer
 * when there is none left. A generation starts when a whole request was read and the act says so; what it costs is
 * billed at that moment, whatever becomes of the answer.
 */
final class BillingUpstream implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Deque<Act> script = new ArrayDeque<>();
    private final List<String> keys = new ArrayList<>();
    private int generations;
    private int billed;

    BillingUpstream(Act... acts) throws IOException {
        then(acts);
        daemon(this::accept);
    }

    /** What is done to one request. */
    record Act(int bodyBytes, int generations, int bill, String answer, Ending ending) {
        /** Whole requests only; neither worked on nor billed. */
        static Act refuses(String answer) {
            return new Act(Integer.MAX_VALUE, 0, 0, answer, Ending.OPEN);
        }

        static Act answers(String answer) {
            return new Act(Integer.MAX_VALUE, 1, 1, answer, Ending.OPEN);
        }

        static Act status(int status, String body, String... headerLines) {
            return refuses(BillingUpstream.answer(status, "application/json", body, headerLines));
        }

        static Act page(int status) {
            return refuses(BillingUpstream.answer(status, "text/html", "<html><body>no</body></html>"));
        }

        /** A whole event stream, worked on but insured. */
        static Act unbilledStream(String events) {
            return new Act(
                    Integer.MAX_VALUE, 1, 0, BillingUpstream.answer(200, "text/event-stream", events), Ending.OPEN);
        }

        Act billing(int amount) {
            return new Act(bodyBytes, 1, amount, answer, ending);
        }

        Act ending(Ending other) {
            return new Act(bodyBytes, generations, bill, answer, other);
        }

        static Act good() {
            return answers("");
        }

        /** Reads so much of the body and resets the connection. */
        static Act cutsSending(int bodyBytes) {
            return new Act(bodyBytes, 0, 0, "-", Ending.RESET);
        }
    }

    /** What becomes of the connection. */
    enum Ending {
        OPEN,
        CLOSED,
        RESET,
        /** Nothing is written and nothing closed until the other side does. */
        SILENT
    }

    static String answer(int status, String type, String body, String... headerLines) {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Some\r\nContent-Type: " + type
                + "\r\nContent-Length: " + body.length() + "\r\n");
        for (String line : headerLines) {
            head.append(line).append("\r\n");
        }
        return head + "\r\n" + body;
    }

    BillingUpstream then(Act... acts) {
        synchronized (script) {
            script.addAll(List.of(acts));
        }
        return this;
    }

    /** What is left of the script. */
    void forget() {
        synchronized (script) {
            script.clear();
        }
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/api/v1");
    }

    /** The keys it was asked with, in order: one for each send. */
    List<String> keysSeen() {
        synchronized (script) {
            return List.copyOf(keys);
        }
    }

    int sends() {
        return keysSeen().size();
    }

    int generationsStarted() {
        synchronized (script) {
            return generations;
        }
    }

    int billed() {
        synchronized (script) {
            return billed;
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "billing-upstream");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                daemon(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (String head = head(in); !head.isEmpty(); head = head(in)) {
                if (!meet(socket, in, head)) {
                    return;
                }
            }
        } catch (IOException left) {
            // The books are kept all the same.
        } finally {
            open.remove(socket);
        }
    }

    private boolean meet(Socket socket, InputStream in, String head) throws IOException {
        Act act = next(head);
        int length = length(head);
        byte[] body = in.readNBytes(Math.min(length, act.bodyBytes()));
        if (body.length == length) {
            synchronized (script) {
                generations += act.generations();
                billed += act.bill();
            }
        }
        if (act.ending() == Ending.SILENT) {
            in.transferTo(OutputStream.nullOutputStream());
            return false;
        }
        if (!act.answer().equals("-")) {
            String answer = act.answer().isEmpty() ? good(new String(body, StandardCharsets.UTF_8)) : act.answer();
            socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
        }
        if (act.ending() == Ending.RESET) {
            socket.setSoLinger(true, 0);
        }
        return act.ending() == Ending.OPEN;
    }

    private Act next(String head) {
        synchronized (script) {
            keys.add(header(head, "authorization").replace("Bearer ", ""));
            Act act = script.poll();
            return act == null ? Act.good() : act;
        }
    }

    private static String good(String body) {
        if (!body.contains("\"stream\":true")) {
            return answer(200, "application/json", "{\"id\":\"gen-1\",\"object\":\"chat.completion\",\"choices\":[]}");
        }
        return answer(200, "text/event-stream", event("one", "null") + event("", "\"stop\"") + "data: [DONE]\n\n");
    }

    /** One event of a chat stream. */
    static String event(String text, String finish) {
        return "data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":"
                + "{\"content\":\"" + text + "\"},\"finish_reason\":" + finish + "}]}\n\n";
    }

    private static int length(String head) {
        String length = header(head, "content-length");
        return length.isEmpty() ? 0 : Integer.parseInt(length);
    }

    private static String header(String head, String name) {
        for (String line : head.split("\r\n", -1)) {
            if (line.toLowerCase(Locale.ROOT).startsWith(name + ":")) {
                return line.substring(name.length() + 1).strip();
            }
        }
        return "";
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
