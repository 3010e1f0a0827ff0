package dev.keyway.cli;

import java.io.Console;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The process's own; nobody is there when its input or output is redirected. */
final class ProcessTerminal implements Terminal {
    private final @Nullable Console console = interactive();

    /** From Java 22 on there is a console in any case, which says itself whether it is a terminal. */
    @SuppressWarnings("SystemConsoleNull")
    private static @Nullable Console interactive() {
        Console console = System.console();
        if (console == null) {
            return null;
        }
        try {
            return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console)) ? console : null;
        } catch (NoSuchMethodException olderThan22) {
            return console;
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    @Override
    public boolean isPresent() {
        return console != null;
    }

    @Override
    public Optional<String> askSecret(String question) {
        char[] typed = console == null ? null : console.readPassword("%s", question);
        return typed == null ? Optional.empty() : Optional.of(new String(typed));
    }

    @Override
    public Optional<String> ask(String question) {
        return console == null ? Optional.empty() : Optional.ofNullable(console.readLine("%s", question));
    }

    @Override
    public InputStream piped() {
        return System.in;
    }
}
