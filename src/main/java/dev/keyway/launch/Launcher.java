package dev.keyway.launch;

import java.lang.reflect.InvocationTargetException;

/**
 * The main class of {@code java -jar keyway.war}: says so in one line when this Java is too old, else hands over to
 * {@link ExecutableWar}.
 *
 * <p>Compiled for Java 8, unlike everything else, because an older Java could not even read it otherwise. For the same
 * reason it names {@code ExecutableWar} by a string.
 */
public final class Launcher {
    static final int OLDEST_JAVA = 17;
    private static final String NEXT = "dev.keyway.launch.ExecutableWar";

    private Launcher() {}

    /** Exit code 1 when Java is too old; else whatever the command line decides. */
    public static void main(String[] args) throws Throwable {
        String java = System.getProperty("java.specification.version", "0");
        if (feature(java) < OLDEST_JAVA) {
            System.err.println("Keyway needs Java " + OLDEST_JAVA + " or newer; this is Java " + java + " in "
                    + System.getProperty("java.home"));
            System.exit(1);
        }
        try {
            Class.forName(NEXT).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** 8 for {@code 1.8}, 17 for {@code 17}; 0 for what is no version. */
    static int feature(String specification) {
        String number = specification.startsWith("1.") ? specification.substring(2) : specification;
        try {
            return Integer.parseInt(number);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
