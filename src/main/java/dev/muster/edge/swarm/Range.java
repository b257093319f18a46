package dev.muster.edge.swarm;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One range of a file's bytes, as `Range: bytes=…` asks for it.
///
/// @param last the last byte, included
record Range(long first, long last) {
    private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /// Empty where the whole file is to be sent: no header, several ranges, or another unit (RFC 9110, 14.2 allows it).
    ///
    /// @throws Outside when the range lies outside the file
    static Optional<Range> parse(Optional<String> header, long size) throws Outside {
        Matcher one = ONE.matcher(header.orElse("").strip());
        if (!one.matches() || one.group(1).isEmpty() && one.group(2).isEmpty()) return Optional.empty();
        Range range = one.group(1).isEmpty()
                ? new Range(Math.max(0, size - Long.parseLong(one.group(2))), size - 1)
                : new Range(
                        Long.parseLong(one.group(1)),
                        one.group(2).isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(one.group(2))));
        if (range.first > range.last || range.first >= size) {
            throw new Outside("expected a range within " + size + " bytes, but found " + header.orElse(""));
        }
        return Optional.of(range);
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
