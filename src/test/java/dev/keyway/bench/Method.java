package dev.keyway.bench;

import java.util.List;

/** How the figures of a standalone run came about, as it stands below them. */
final class Method {
    static final List<String> LINES = List.of(
            "How it was measured:",
            "",
            "- One run, all processes on the loopback address of one machine, which load, upstream and server share."
                    + " Ratios count, absolute figures are those of the machine and the minute.",
            "- *direct* is the upstream asked without a proxy: one thread that answers at once. *nginx* is Debian's with"
                    + " [nginx.conf](nginx.conf): one worker, kept upstream connections, nothing buffered, nothing logged."
                    + " *bare servlet* is Jetty's `AsyncProxyServlet` in an embedded Jetty of the same version, without"
                    + " an output buffer for event streams, since it never flushes.",
            "- *Keyway, everything on*: access key checked, two keys in the pool, tags in the model, usage injection,"
                    + " usage read from the answer, request log. *Everything off*: the caller's own key, no access key,"
                    + " no tag, no usage injection; the request log has no switch and is on.",
            "- Requests: wrk, one thread, POST with 1 KB of JSON answered with 1 KB. Each Java server is warmed up"
                    + " first. Rounds over all servers in rotating order, direct first and last in each round. Cells are"
                    + " medians of the rounds; ratios are medians of each round's ratio. *Added* is the difference to"
                    + " the mean of the two direct runs of the round.",
            "- CPU is user and system time of the server's process, compiler and collector threads included, in steps"
                    + " of 10 ms: the steadiest of the figures.",
            "- Streams: one event of 0.4 KB a second in each; the upstream writes the time into each event when it makes"
                    + " it, the client compares it with the time of reading. One run each.",
            "- A spread ((largest - smallest) / median) over 20 % stands beside the figure.",
            "- *Start* is from the start of the process to the first 200, the WAR's jars already unpacked. An"
                    + " *installation* is what the Debian package puts in place: the jars on the class path and an archive"
                    + " of their classes (AppCDS); the bare servlet is started in the same way in both rows.");

    private Method() {}
}
