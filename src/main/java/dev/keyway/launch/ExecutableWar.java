package dev.keyway.launch;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs the WAR as a program: unpacks its jars once ({@link ExecutableWarCache}), puts them into one flat class loader
 * and calls the command line in it.
 *
 * <p>Lies at the WAR's root beside {@link Launcher} and uses nothing but the JDK. The loader's parent is the platform,
 * so that no class is there twice.
 */
public final class ExecutableWar {
    private static final String COMMAND_LINE = "dev.keyway.cli.KeywayCommand";

    private ExecutableWar() {}

    /** Exit code 1 and one line when the jars can't be unpacked; else whatever the command line decides. */
    public static void main(String[] args) throws Throwable {
        ClassLoader loader;
        try {
            loader = new FlatLoader(ExecutableWarCache.ofCurrentUser(System.getenv(), System.getProperties())
                    .unpacked(location()));
        } catch (IOException e) {
            System.err.println("Keyway can't unpack its jars: " + e.getMessage());
            System.exit(1);
            return;
        }
        Thread.currentThread().setContextClassLoader(loader);
        try {
            loader.loadClass(COMMAND_LINE).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static Path location() throws IOException {
        CodeSource source = ExecutableWar.class.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            throw new IOException("started from no file; use java -jar keyway.war");
        }
        try {
            return Path.of(source.getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IOException("no file: " + source.getLocation(), e);
        }
    }

    /** All jars at one level, on top of the platform; keeps its jars' cache entry locked. Never closed. */
    private static final class FlatLoader extends URLClassLoader {
        static {
            registerAsParallelCapable();
        }

        @SuppressWarnings("unused") // a lost reference would release the lock
        private final @Nullable FileChannel inUse;

        FlatLoader(ExecutableWarCache.Unpacked war) throws IOException {
            super("keyway", urls(war.jars()), ClassLoader.getPlatformClassLoader());
            this.inUse = war.inUse();
        }

        private static URL[] urls(List<Path> jars) throws IOException {
            URL[] urls = new URL[jars.size()];
            for (int i = 0; i < urls.length; i++) {
                urls[i] = jars.get(i).toUri().toURL();
            }
            return urls;
        }
    }
}
