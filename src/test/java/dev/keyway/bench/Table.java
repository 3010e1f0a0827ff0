package dev.keyway.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was measured: a row for each measure, a column for each server, then Keyway's ratios. */
final class Table {
    /** A spread beyond it is said in the cell. */
    static final double WIDE = 0.2;

    private final List<String> servers;
    private final List<Ratio> ratios;
    private final Map<String, Map<String, Figures>> rows = new LinkedHashMap<>();

    /** A column that divides one server's figure by another's. */
    record Ratio(String of, String by) {
        String title() {
            return shortName(of) + " / " + shortName(by);
        }

        private static String shortName(String server) {
            return server.replace("Keyway, everything ", "");
        }
    }

    Table(List<String> servers, List<Ratio> ratios) {
        this.servers = servers;
        this.ratios = ratios;
    }

    void add(String measure, String server, double value) {
        rows.computeIfAbsent(measure, name -> new LinkedHashMap<>())
                .computeIfAbsent(server, name -> new Figures())
                .add(value);
    }

    /** In Markdown: medians; ratios are medians over the rounds, so that both sides had the same minute. */
    String markdown() {
        List<String> lines = new ArrayList<>();
        List<String> titles = new ArrayList<>(List.of("measure"));
        titles.addAll(servers);
        ratios.forEach(ratio -> titles.add(ratio.title()));
        lines.add(line(titles));
        lines.add(line(titles.stream().map(title -> "---").toList()));
        rows.forEach((measure, figures) -> {
            List<String> cells = new ArrayList<>(List.of(measure));
            servers.forEach(server -> cells.add(cell(figures.get(server))));
            ratios.forEach(ratio -> cells.add(cell(ratio, figures)));
            lines.add(line(cells));
        });
        return String.join("\n", lines) + "\n";
    }

    private static String line(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |";
    }

    private static String cell(Figures figures) {
        if (figures == null) {
            return "";
        }
        String text = number(figures.median());
        if (figures.spread() > WIDE) {
            text += String.format(Locale.ROOT, " (spread %.0f %%)", 100 * figures.spread());
        }
        return text;
    }

    private static String cell(Ratio ratio, Map<String, Figures> figures) {
        Figures of = figures.get(ratio.of());
        Figures by = figures.get(ratio.by());
        if (of == null || by == null || of.count() != by.count()) {
            return "";
        }
        Figures quotients = new Figures();
        for (int i = 0; i < of.count(); i++) {
            if (by.get(i) > 0) {
                quotients.add(of.get(i) / by.get(i));
            }
        }
        return quotients.count() == 0 ? "" : String.format(Locale.ROOT, "%.2f", quotients.median());
    }

    /** Three digits that count, whole numbers whole. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "none";
        }
        double size = Math.abs(value);
        if (size >= 100 || value == Math.rint(value)) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value);
    }
}
