package dev.muster.edge.training;

import dev.muster.edge.training.MetricsFile.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A head with names, then a row of values in each line; commas, and quotation marks around what holds some (RFC 4180, without
/// line feeds within values). Empty cells and words are left out. A second head, of a run that began again, is taken over.
final class CsvRows extends Lines {
    private List<String> heads = List.of();

    @Override
    boolean row(String line, List<Row> rows) {
        List<String> cells = cells(line);
        if (heads.isEmpty() || isHead(cells)) {
            if (heads.isEmpty() && !isHead(cells)) return false;
            heads = cells;
            return true;
        }
        if (cells.size() != heads.size()) return false;
        Map<String, Double> numbers = new LinkedHashMap<>();
        for (int at = 0; at < cells.size(); at++) put(heads.get(at), cells.get(at), numbers);
        if (!numbers.isEmpty()) rows.add(Row.of(numbers));
        return true;
    }

    private static boolean isHead(List<String> cells) {
        return cells.stream().allMatch(cell -> !cell.isBlank() && number(cell) == null);
    }

    private static void put(String name, String cell, Map<String, Double> numbers) {
        Double number = number(cell);
        if (number != null) numbers.put(name, number);
    }

    private static @Nullable Double number(String cell) {
        String word = cell.strip().toLowerCase(Locale.ROOT);
        return switch (word) {
            case "nan" -> Double.NaN;
            case "inf", "+inf", "infinity" -> Double.POSITIVE_INFINITY;
            case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
            default ->
                word.length() <= 40 && word.matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)(e[-+]?\\d{1,4})?")
                        ? Double.valueOf(word)
                        : null;
        };
    }

    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int at = 0; at < line.length(); at++) {
            char letter = line.charAt(at);
            if (letter == '"' && quoted && at + 1 < line.length() && line.charAt(at + 1) == '"') {
                cell.append('"');
                at++;
            } else if (letter == '"') {
                quoted = !quoted;
            } else if (letter == ',' && !quoted) {
                cells.add(cell.toString().strip());
                cell.setLength(0);
            } else {
                cell.append(letter);
            }
        }
        cells.add(cell.toString().strip());
        return cells;
    }
}
