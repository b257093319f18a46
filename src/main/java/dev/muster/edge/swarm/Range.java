package dev.muster.edge.swarm;

import java.util.Optional;

/// One range of a file's bytes, as `Range: bytes=…` asks for it.
///
/// @param last the last byte, included
record Range(long first, long last) {
    /// Empty where the whole file is to be sent: no header, several ranges, or another unit (RFC 9110, 14.2 allows it).
    ///
    /// @throws Outside when the range lies outside the file
    static Optional<Range> parse(Optional<String> header, long size) throws Outside {
        String text = header.orElse("").strip();
        int dash = text.indexOf('-');
        if (!text.startsWith("bytes=") || dash < 0) return Optional.empty();
        String from = text.substring("bytes=".length(), dash);
        String to = text.substring(dash + 1);
        if (!number(from) || !number(to) || from.isEmpty() && to.isEmpty()) return Optional.empty();
        Range range = from.isEmpty()
                ? new Range(Math.max(0, size - Long.parseLong(to)), size - 1)
                : new Range(Long.parseLong(from), to.isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(to)));
        if (range.first > range.last || range.first >= size) {
            throw new Outside("expected a range within " + size + " bytes, but found " + header.orElse(""));
        }
        return Optional.of(range);
    }

    private static boolean number(String text) {
        return text.length() <= 18 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /// There are no such bytes.
    static final class Outside extends Exception {
        private static final long serialVersionUID = 1L;

        private Outside(String message) {
            super(message);
        }
    }

    long length() {
        return last - first + 1;
    }
}
