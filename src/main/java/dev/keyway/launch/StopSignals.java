package dev.keyway.launch;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The signals that end this process: the first of SIGTERM and SIGINT in order, a further one at once. One that comes within {@link #SAME} of the first is taken for the same: {@code timeout} and many a wrapper send
 * theirs to the process and again to its group.
 *
 * <p>SIGHUP has the configuration read again, as of any server; but when the terminal that the process was started from
 * is gone it was that terminal's, and ends the process in order. It may come more than once then, and never hurries.
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
    private final @Nullable Runnable reload;
    private final BooleanSupplier terminalGone;
    private final LongSupplier nanos;
    private final AtomicReference<Long> first = new AtomicReference<>();
    private final AtomicBoolean hurried = new AtomicBoolean();

    StopSignals(
            Runnable end,
            IntConsumer hurry,
            @Nullable Runnable reload,
            BooleanSupplier terminalGone,
            LongSupplier nanos) {
        this.end = end;
        this.hurry = hurry;
        this.reload = reload;
        this.terminalGone = terminalGone;
        this.nanos = nanos;
    }

    /**
     * Takes the three signals over, those excepted that this process was started to ignore. Where Java does not allow it
     * ({@code -Xrs}, a runtime without {@code jdk.unsupported}) its own handling stays.
     *
     * @param end called once, on a thread of its own
     * @param hurry called at most once and after {@code end}, which may still run; with the exit code for the signal
     * @param reload called at SIGHUP, must return at once; null: there is nothing to read again, and SIGHUP ends
     */
    public static void handle(Runnable end, IntConsumer hurry, @Nullable Runnable reload) {
        boolean hadTerminal = hasTerminal();
        StopSignals signals =
                new StopSignals(end, hurry, reload, () -> hadTerminal && !hasTerminal(), System::nanoTime);
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

    /** Whether the process belongs to a terminal. */
    private static boolean hasTerminal() {
        try {
            Files.newInputStream(Path.of("/dev/tty")).close();
            return true;
        } catch (IOException none) {
            return false;
        }
    }

    void arrived(Signal signal) {
        if (signal == Signal.HUP && reload != null && !terminalGone.getAsBoolean()) {
            reload.run();
            return;
        }
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
