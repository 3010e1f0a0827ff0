package dev.keyway.keys.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/** The steps by which a file is replaced, one by one: what a loss of power leaves depends on their order. */
interface FileSteps {
    /** Makes a file that only its owner can read and write; fails when there is one of this name. */
    NewFile create(Path file) throws IOException;

    /** Gives the file another name at one stroke, in place of the file that has it. */
    void rename(Path from, Path to) throws IOException;

    /** Returns when the names in the folder are on the disk. */
    void forceFolder(Path folder) throws IOException;

    /** A file being written. */
    interface NewFile extends Closeable {
        void write(byte[] content) throws IOException;

        /** Returns when what was written is on the disk. After a failure the file must not be used: nobody knows what is. */
        void force() throws IOException;
    }
}
