package dev.keyway.sandbox;

import java.io.IOException;
import java.time.Duration;

/**
 * One request on its way through the stand-in, and the connection's side of its answer.
 *
 * @param line waits that notice a client that leaves
 */
record Call(WireRequest request, Received received, AnswerWriter answer, Line line) {
    /** What a handler may do on the connection besides writing. */
    interface Line {
        /** Waits. @throws ClientGoneException when the client closes meanwhile */
        void pause(Duration time) throws IOException;

        /** Waits for the client to close, however long. @throws ClientGoneException always, in the end */
        void hold() throws IOException;

        /** Waits until another thread has finished the answer, or the client closes. */
        void lend(Conversation conversation) throws IOException;
    }

    String path() {
        return request.path();
    }
}
