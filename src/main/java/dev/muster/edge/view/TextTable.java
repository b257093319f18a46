package dev.muster.edge.view;

import java.util.ArrayList;
import java.util.List;

/// Rows in columns as wide as their widest cell, two blanks apart. A column whose head begins with `>` stands to the
/// right; the last column is never padded.
public final class TextTable {
    private final List<String> heads;
    private final List<List<String>> rows = new ArrayList<>();

    public TextTable(String... heads) {
        this.heads = List.of(heads);
    }

    /// What is null or empty shows as `-`.
    ///
    /// @throws IllegalArgumentException when there are not as many cells as heads
    public TextTable row(Object... cells) {
        if (cells.length != heads.size()) {
            throw new IllegalArgumentException("expected " + heads.size() + " cells, but found " + cells.length);
        }
        List<String> row = new ArrayList<>(cells.length);
        for (Object cell : cells) {
            String text = cell == null ? "" : oneLine(cell.toString());
            row.add(text.isEmpty() ? "-" : text);
        }
        rows.add(row);
        return this;
    }

    /// Each line ends with a line feed; without rows there are only the heads.
    public String render() {
        int[] widths = new int[heads.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = head(column).length();
            for (List<String> row : rows)
                widths[column] = Math.max(widths[column], row.get(column).length());
        }
        StringBuilder text = new StringBuilder();
        List<String> shown = new ArrayList<>();
        for (int column = 0; column < widths.length; column++) shown.add(head(column));
        line(text, shown, widths);
        for (List<String> row : rows) line(text, row, widths);
        return text.toString();
    }

    private void line(StringBuilder text, List<String> cells, int[] widths) {
        int begin = text.length();
        for (int column = 0; column < widths.length; column++) {
            if (column > 0) text.append("  ");
            String blanks = " ".repeat(widths[column] - cells.get(column).length());
            if (heads.get(column).startsWith(">")) text.append(blanks).append(cells.get(column));
            else text.append(cells.get(column)).append(blanks);
        }
        while (text.length() > begin && text.charAt(text.length() - 1) == ' ') text.setLength(text.length() - 1);
        text.append('\n');
    }

    private String head(int column) {
        String head = heads.get(column);
        return head.startsWith(">") ? head.substring(1) : head;
    }

    /// A cell from the cluster may hold anything; a terminal gets one line without control characters.
    static String oneLine(String text) {
        for (int index = 0; index < text.length(); index++) {
            if (text.charAt(index) < ' ') return text.replaceAll("\\p{Cntrl}+", " ");
        }
        return text;
    }
}
