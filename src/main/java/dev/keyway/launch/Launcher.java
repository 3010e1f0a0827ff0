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
        String complaint = complaint(
                System.getProperty("java.specification.version", "0"), System.getProperty("java.home", "unknown"));
        if (!complaint.isEmpty()) {
            System.err.println(complaint);
            System.exit(1);
        }
        try {
            Class.forName(NEXT).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** Why this Java can't run Keyway; empty when it can. */
    static String complaint(String specification, String home) {
        return feature(specification) >= OLDEST_JAVA
                ? ""
                : "Keyway needs Java " + OLDEST_JAVA + " or newer; this is Java " + specification + " in " + home;
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
