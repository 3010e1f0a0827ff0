package dev.keyway.launch;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * The signals that end this process: the first of SIGTERM, SIGINT and SIGHUP in order, a further SIGTERM or SIGINT at
 * once. One that comes within {@link #SAME} of the first is taken for the same: {@code timeout} and many a wrapper send
 * theirs to the process and again to its group. A terminal that closes may send SIGHUP more than once; it never hurries.
 *
 * <p>Left alone, Java ends in order at the first signal and then ignores all others until its shutdown hooks are through.
 */
public final class StopSignals {
    private static final Logger LOG = LogManager.getLogger(StopSignals.class);
    static final Duration SAME = Duration.ofMillis(200);

    /** With its number on every system that Java knows it on. */
    enum Signal {
        HUP(1),
        INT(2),
        TERM(15);

        private final int number;

        Signal(int number) {
            this.number = number;
        }

        /** What a shell says of a process that the signal ended. */
        int exitCode() {
            return 128 + number;
        }
    }

    private final Runnable end;
    private final IntConsumer hurry;
    private final LongSupplier nanos;
    private final AtomicReference<Long> first = new AtomicReference<>();
    private final AtomicBoolean hurried = new AtomicBoolean();

    StopSignals(Runnable end, IntConsumer hurry, LongSupplier nanos) {
        this.end = end;
        this.hurry = hurry;
        this.nanos = nanos;
    }

    /**
     * Takes the three signals over, those excepted that this process was started to ignore. Where Java does not allow it
     * ({@code -Xrs}, a runtime without {@code jdk.unsupported}) its own handling stays.
     *
     * @param end called once, on a thread of its own
     * @param hurry called at most once and after {@code end}, which may still run; with the exit code for the signal
     */
    public static void handle(Runnable end, IntConsumer hurry) {
        StopSignals signals = new StopSignals(end, hurry, System::nanoTime);
        for (Signal signal : Signal.values()) {
            try {
                take(signal, () -> signals.arrived(signal));
            } catch (ReflectiveOperationException e) {
                Throwable reason = e instanceof InvocationTargetException wrapped ? wrapped.getCause() : e;
                LOG.debug("signal left to Java: signal={} error={}", signal, String.valueOf(reason));
            }
        }
    }

    /** By name, because the compiler warns of {@code sun.misc.Signal} and of nothing else in its place. */
    private static void take(Signal signal, Runnable handler) throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Object proxy = Proxy.newProxyInstance(
                StopSignals.class.getClassLoader(), new Class<?>[] {handlerType}, (self, method, arguments) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return method.invoke(handler, arguments);
                    }
                    handler.run();
                    return null;
                });
        Object named = type.getConstructor(String.class).newInstance(signal.name());
        type.getMethod("handle", type, handlerType).invoke(null, named, proxy);
    }

    void arrived(Signal signal) {
        long now = nanos.getAsLong();
        if (first.compareAndSet(null, now)) {
            end.run();
            return;
        }
        Long begun = first.get();
        boolean again = begun != null && now - begun > SAME.toNanos();
        if (again && signal != Signal.HUP && !hurried.getAndSet(true)) {
            hurry.accept(signal.exitCode());
        }
    }
}
