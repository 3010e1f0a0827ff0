package dev.keyway.bench;

import java.util.Arrays;
import java.util.List;

/** Numbers of one kind, and what is told of them. */
final class Figures {
    private double[] values = new double[64];
    private int count;

    static Figures of(List<Double> values) {
        Figures figures = new Figures();
        values.forEach(figures::add);
        return figures;
    }

    void add(double value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
        }
        values[count++] = value;
    }

    int count() {
        return count;
    }

    /** In the order in which they were added. */
    double get(int index) {
        return values[index];
    }

    double median() {
        return percentile(50);
    }

    /** The smallest value that so many percent of all do not exceed (nearest rank); NaN when there is none. */
    double percentile(double percent) {
        if (count == 0) {
            return Double.NaN;
        }
        double[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        int rank = (int) Math.ceil(percent / 100 * count);
        return sorted[Math.max(0, rank - 1)];
    }

    double max() {
        return percentile(100);
    }

    /** How far apart the largest and the smallest are, as a part of the median. */
    double spread() {
        if (count < 2) {
            return 0;
        }
        return (max() - percentile(0)) / median();
    }
}
