package dev.keyway.sandbox;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

/** Compresses one answer as it is sent, right or with bits that are wrong. For one request. */
final class Gzip {
    private static final int MEBIBYTE = 1 << 20;
    private final ByteArrayOutputStream squeezed = new ByteArrayOutputStream();
    private final GZIPOutputStream gzip = new GZIPOutputStream(squeezed, true);
    private final boolean broken;
    private boolean headSent;

    Gzip(boolean broken) throws IOException {
        this.broken = broken;
    }

    /** The bytes that stand for these, ready to be sent. */
    byte[] squeeze(byte[] bytes) throws IOException {
        gzip.write(bytes);
        gzip.flush();
        return taken();
    }

    /** The bytes that stand for these and end the whole. */
    byte[] last(byte[] bytes) throws IOException {
        gzip.write(bytes);
        gzip.finish();
        return taken();
    }

    /** Puts so many MiB of blanks into what comes next: about 1 KiB for each of them. */
    void blanks(int mebibytes, String before, String after) throws IOException {
        byte[] blanks = new byte[MEBIBYTE];
        Arrays.fill(blanks, (byte) ' ');
        gzip.write(before.getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < mebibytes; i++) {
            gzip.write(blanks);
        }
        gzip.write(after.getBytes(StandardCharsets.US_ASCII));
    }

    private byte[] taken() {
        byte[] bytes = squeezed.toByteArray();
        squeezed.reset();
        if (broken) {
            // The ten bytes of the format's head stay right, so that the damage is met while decoding.
            for (int at = headSent ? 0 : 10; at < bytes.length; at++) {
                bytes[at] ^= 0x55;
            }
        }
        headSent = true;
        return bytes;
    }
}
