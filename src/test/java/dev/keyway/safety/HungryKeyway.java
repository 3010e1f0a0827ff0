package dev.keyway.safety;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** Keyway with a leak: once the file {@value #SIGN} is in its working folder, a thread takes all of the heap and keeps it. */
final class HungryKeyway {
    static final String SIGN = "eat";
    private static final int LARGEST = 1 << 20;
    private static final int SMALLEST = 16;
    private static final long LOOK_MILLIS = 50;

    private HungryKeyway() {}

    public static void main(String[] args) throws Exception {
        Thread eater = new Thread(HungryKeyway::eat, "eater");
        eater.setDaemon(true);
        eater.start();
        Class.forName("dev.keyway.launch.Launcher")
                .getMethod("main", String[].class)
                .invoke(null, (Object) args);
    }

    private static void eat() {
        Deque<byte[]> eaten = new ArrayDeque<>();
        try {
            while (!Files.exists(Path.of(SIGN))) {
                Thread.sleep(LOOK_MILLIS);
            }
            for (int size = LARGEST; ; size = Math.max(SMALLEST, size / 2)) {
                eatPieces(eaten, size);
                Thread.sleep(size == SMALLEST ? LOOK_MILLIS : 0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("InfiniteLoopStatement") // until there is no room
    private static void eatPieces(Deque<byte[]> eaten, int size) {
        try {
            while (true) {
                eaten.add(new byte[size]);
            }
        } catch (OutOfMemoryError full) {
            // Kept, so that the next to ask is Keyway.
            eaten.peek();
        }
    }
}
