package dev.keyway.bench;

import java.time.Duration;
import java.util.List;

/**
 * How long and how often each thing is measured.
 *
 * @param name as it is told in the results
 * @param starts how often each server is started, to the first answer; one more is not counted
 * @param warmUp load on each Java server before anything counts, at 16 connections
 * @param rounds over all servers and numbers of connections
 * @param connections the numbers of connections
 * @param cell the length of one run of wrk
 * @param fewStreams how many streams in the small and in the large run
 * @param eventWarmUp 200 streams at 20 events a second on each Java server
 * @param few the phases of the small run
 * @param many the phases of the large one
 * @param bodies how many large bodies
 * @param micro how long each case of the micro-benchmark runs
 */
record Plan(
        String name,
        int starts,
        Duration warmUp,
        int rounds,
        List<Integer> connections,
        Duration cell,
        int fewStreams,
        int manyStreams,
        EventClient.Phases eventWarmUp,
        EventClient.Phases few,
        EventClient.Phases many,
        int bodies,
        Duration micro) {

    /** No run may be longer. */
    static final Duration LIMIT = Duration.ofMinutes(8);

    static final int SERVERS = 4;
    static final int JAVA_SERVERS = 3;

    /** Time for what can't be planned: a start of a server, the end of a process. */
    private static final Duration START = Duration.ofSeconds(3);

    /** Usual time until a server has put closed streams away. */
    private static final Duration TIDYING = Duration.ofSeconds(1);

    static Plan full() {
        return new Plan(
                "full",
                3,
                Duration.ofSeconds(20),
                3,
                List.of(1, 16, 64),
                Duration.ofSeconds(2),
                200,
                2000,
                phases(1, 0, 6),
                phases(1, 2, 8),
                phases(3, 4, 8),
                5,
                Duration.ofMillis(450));
    }

    static Plan quick() {
        return new Plan(
                "quick",
                1,
                Duration.ofSeconds(6),
                1,
                List.of(1, 16, 64),
                Duration.ofSeconds(2),
                200,
                500,
                phases(1, 0, 2),
                phases(1, 1, 3),
                phases(1, 1, 3),
                2,
                Duration.ofMillis(100));
    }

    private static EventClient.Phases phases(int ramp, int settle, int window) {
        return new EventClient.Phases(Duration.ofSeconds(ramp), Duration.ofSeconds(settle), Duration.ofSeconds(window));
    }

    /** How long it all takes if nothing hangs; an upper estimate. */
    Duration total() {
        Duration starting = START.multipliedBy((SERVERS + 1L) * (starts + 1));
        Duration warming = warmUp.plus(eventWarmUp.total()).multipliedBy(JAVA_SERVERS);
        Duration requests = cell.multipliedBy((long) rounds * connections.size() * (SERVERS + 2));
        Duration streams = few.total()
                .plus(TIDYING)
                .multipliedBy(SERVERS + 1L)
                .plus(many.total().plus(TIDYING).multipliedBy(SERVERS + 2L));
        Duration bodiesSent = Duration.ofMillis(400).multipliedBy((long) bodies * (SERVERS + 1));
        Duration cases = micro.multipliedBy((long) Micro.CASES * Micro.REPEATS);
        return starting.plus(warming)
                .plus(requests)
                .plus(streams)
                .plus(bodiesSent)
                .plus(cases);
    }
}
