package dev.keyway.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** {@code upstream-faults.csv}, the one place where faults and their outcomes stand. */
final class FaultTable {
    private static final String FILE = "/faults/upstream-faults.csv";

    private FaultTable() {}

    /** Every line, those that are left out too. */
    static List<FaultCell> all() {
        List<FaultCell> cells = new ArrayList<>();
        int number = 0;
        for (String line : text().lines().toList()) {
            number++;
            if (!line.isBlank() && !line.startsWith("#")) {
                cells.add(FaultCell.parse(line, number));
            }
        }
        return List.copyOf(cells);
    }

    /** Those that are run. */
    static List<FaultCell> cells() {
        return all().stream().filter(cell -> !cell.leftOut()).toList();
    }

    private static String text() {
        try (InputStream in = FaultTable.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + " is not there");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
