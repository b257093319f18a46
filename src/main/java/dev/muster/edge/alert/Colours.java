package dev.muster.edge.alert;

/// What a notice looks like where there are colours.
final class Colours {
    private static final int GREEN = 0x2E8540;
    private static final int BLUE = 0x3B7DBF;

    private Colours() {}

    static int of(Notice notice) {
        return switch (notice.kind()) {
            case RESOLVED -> GREEN;
            case TEST -> BLUE;
            case FIRED, CHANGED, ESCALATED ->
                switch (notice.level()) {
                    case CRITICAL -> 0xB3261E;
                    case WARNING -> 0xD9822B;
                    case UNKNOWN -> 0x6E7781;
                };
        };
    }

    static String hex(Notice notice) {
        return String.format("#%06x", of(notice));
    }
}
