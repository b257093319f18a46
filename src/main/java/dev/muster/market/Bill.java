package dev.muster.market;

import dev.muster.market.Charge.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What one instance has cost, second by second.
///
/// What is billed by time is a list of spans with one rate each. The second from `s` to `s + 1` is charged at `s + 1`,
/// when it is over, with the bytes that went in it. So a window `(from, to]` that has been read never changes any more,
/// and windows that follow each other sum up to the whole.
final class Bill {
    private record Span(Kind kind, long from, long to, long pico) {}

    private record Lump(Kind kind, long at, long quantity, long pico) {}

    final long instance;
    private final List<Span> spans = new ArrayList<>();
    private final List<Lump> lumps = new ArrayList<>();
    private final Map<Kind, Span> open = new EnumMap<>(Kind.class);
    private long closedPico;

    Bill(long instance) {
        this.instance = instance;
    }

    /// From this second on it costs so much per second.
    ///
    /// @return the rate until now
    long rate(Kind kind, long pico, long second) {
        Span before = open.remove(kind);
        long old = before == null ? 0 : before.pico;
        if (old == pico) {
            if (before != null) open.put(kind, before);
            return old;
        }
        if (before != null && second > before.from) {
            spans.add(new Span(kind, before.from, second, before.pico));
            closedPico += (second - before.from) * before.pico;
        }
        if (pico > 0) open.put(kind, new Span(kind, second, Agenda.NEVER, pico));
        return old;
    }

    void lump(Kind kind, long quantity, long pico, long second) {
        lumps.add(new Lump(kind, second + 1, quantity, pico));
        closedPico += pico;
    }

    long total(long second) {
        long total = closedPico;
        for (Span span : open.values()) total += (second - span.from) * span.pico;
        return total;
    }

    /// What was charged after second `from` up to second `to`.
    List<Charge> charges(long from, long to) {
        List<Charge> charges = new ArrayList<>();
        for (Span span : spans) add(charges, span, from, to);
        for (Span span : open.values()) add(charges, span, from, to);
        for (Lump lump : lumps) {
            if (lump.at <= from || lump.at > to) continue;
            Instant at = Instant.ofEpochSecond(lump.at);
            charges.add(new Charge(instance, lump.kind, at, at, lump.quantity, Usd.ZERO, new Usd(lump.pico)));
        }
        return charges;
    }

    private void add(List<Charge> charges, Span span, long from, long to) {
        long first = Math.max(span.from, from);
        long last = Math.min(span.to, to);
        if (last <= first) return;
        charges.add(new Charge(
                instance,
                span.kind,
                Instant.ofEpochSecond(first),
                Instant.ofEpochSecond(last),
                last - first,
                Usd.perHour(span.pico),
                new Usd((last - first) * span.pico)));
    }
}
