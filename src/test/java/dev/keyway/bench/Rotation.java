package dev.keyway.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The order of one round: the upstream itself first and last, the others in between, each round another one ahead. */
final class Rotation {
    private Rotation() {}

    static <T> List<T> round(int number, T direct, List<T> others) {
        List<T> order = new ArrayList<>(others);
        Collections.rotate(order, -number);
        order.add(0, direct);
        order.add(direct);
        return order;
    }
}
