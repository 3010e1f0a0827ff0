package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeLockTest {
    @TempDir
    Path folder;

    @Test
    void a_second_gateway_in_the_same_home_is_refused_and_told_who_has_it() throws IOException {
        try (HomeLock held = HomeLock.take(folder)) {
            assertThat(held).isNotNull();
            assertThatThrownBy(() -> HomeLock.take(folder))
                    .isInstanceOf(IOException.class)
                    .hasMessage("home " + folder + " is in use by another Keyway (pid "
                            + ProcessHandle.current().pid()
                            + "); give this one a home of its own (--home, keyway.home, KEYWAY_HOME)");
        }
    }

    @Test
    void a_lock_let_go_of_can_be_taken_again() throws IOException {
        HomeLock.take(folder).close();

        HomeLock again = HomeLock.take(folder);

        again.close();
        assertThat(folder.resolve("keyway.lock")).exists();
    }

    /** Symptom: stock Jetty starts a touched WAR before it stops the old one; the new one was refused, the old one gone. */
    @Test
    void a_newer_deployment_of_the_same_context_takes_over_from_the_older() throws IOException {
        HomeLock older = HomeLock.take(folder, "/keyway");
        HomeLock newer = HomeLock.take(folder, "/keyway");
        assertThat(newer.retry()).isFalse();
        assertThatThrownBy(() -> HomeLock.take(folder, "/other")).isInstanceOf(IOException.class);

        older.close();

        assertThat(newer.retry()).isTrue();
        assertThatThrownBy(() -> HomeLock.take(folder)).isInstanceOf(IOException.class);
        newer.close();
    }

    @Test
    void a_home_that_is_not_there_yet_is_made() throws IOException {
        Path home = folder.resolve("a/b");

        HomeLock.take(home).close();

        assertThat(Files.isDirectory(home)).isTrue();
    }
}
