package dev.muster.edge.http;

import dev.muster.core.state.AttemptId;
import dev.muster.edge.node.Member;
import dev.muster.edge.view.AlertSum;
import dev.muster.edge.view.Picture;
import dev.muster.edge.web.Live;
import dev.muster.edge.web.Page;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// A page's news as server-sent events: at most once a second the page is made anew, and what differs is sent.
/// Readers of the same page share what was made.
final class PageStream {
    private static final Duration EVERY = Duration.ofSeconds(1);
    /// Where there is no news: a reader that has left shows only when written to, and holds a place until then. Whoever walks
    /// through pages leaves one reader behind with each.
    private static final String STILL_THERE = ":\n\n";
    /// A reader that stays longer comes again.
    private static final int TIMES_MAX = 3_600;
    /// A reader that takes nothing for so long gives its place to another.
    private static final Duration STUCK = Duration.ofSeconds(20);
    /// Pages that are kept for a second; there are no more readers than that.
    private static final int KEPT_MAX = EventStreams.READERS_MAX;
    /// Of one piece of output.
    private static final int PIECE_MAX = 64 << 10;
    /// Of the output that was there before.
    private static final int TAIL_MAX = 48 << 10;
    /// Higher than any output is long.
    private static final long PAST_THE_END = Long.MAX_VALUE >> 1;

    /// The page is to be loaded anew.
    private static final String GONE = "event: gone\ndata: \n\n";

    private final Api api;
    private final Pages pages;
    private final Map<String, Made> kept = new ConcurrentHashMap<>();

    PageStream(Api api, Pages pages) {
        this.api = api;
        this.pages = pages;
    }

    private record Made(Page page, AlertSum alerts, long nanos) {}

    record Part(String id, String html) {}

    record Piece(String text, long next) {}

    /// Not a page but a word for the script: without a session it reloads, and meets the form.
    Reply open(Call call, Pages.View view) throws IOException {
        if (PageCall.session(call, pages.sessions(), pages.now()).isEmpty())
            return api.streams().open(out -> write(out, GONE));
        made(call, view); // what is not there is told before the stream begins
        return api.streams().open(out -> serve(out, call, view));
    }

    private void serve(OutputStream out, Call call, Pages.View view) throws IOException, InterruptedException {
        Live live = new Live();
        Optional<AttemptId> log = call.query("log", AttemptId::parse);
        long from = call.number("from", -1, -1, Long.MAX_VALUE);
        boolean told = false;
        write(out, "retry: 2000\nevent: live\ndata: \n\n");
        for (int times = 0; times < TIMES_MAX; times++) {
            if (PageCall.session(call, pages.sessions(), pages.now()).isEmpty()) {
                write(out, GONE);
                return;
            }
            StringBuilder news = new StringBuilder();
            try {
                Made made = made(call, view);
                live.news(made.page(), made.alerts()).forEach((id, html) -> event(news, "part", new Part(id, html)));
            } catch (Problem gone) {
                write(out, GONE); // what the page is about is no more; the page itself says so
                return;
            }
            if (log.isPresent() && !told) {
                Optional<Piece> piece = piece(log.get(), from);
                if (piece.isPresent()) event(news, "log", piece.get());
                told = piece.isPresent() && piece.get().next() < 0;
                from = piece.map(Piece::next).orElse(from);
            }
            write(out, news.isEmpty() ? STILL_THERE : news.toString());
            Thread.sleep(EVERY);
        }
    }

    private Made made(Call call, Pages.View view) throws IOException {
        String path = call.pathWithQuery("log", "from");
        Made last = kept.get(path);
        if (last != null && System.nanoTime() - last.nanos() < EVERY.toNanos() * 9 / 10) return last;
        Picture picture = api.picture();
        Page page = view.show(picture, call, PageCall.query(call));
        if (kept.size() >= KEPT_MAX) kept.clear();
        Made made = new Made(page, AlertSum.of(picture.state().alerts()), System.nanoTime());
        kept.put(path, made);
        return made;
    }

    /// What has come since; empty when nothing has. Whoever cannot be asked is told of once, and not asked again.
    private Optional<Piece> piece(AttemptId attempt, long from) {
        try {
            long begin = from >= 0 ? from : tail(api, attempt, TAIL_MAX);
            Member.LogPart part = JobRoutes.output(api, attempt, begin, PIECE_MAX);
            int whole = part.ended() ? part.bytes().length : wholeLetters(part.bytes());
            if (whole == 0 && from >= 0) return Optional.empty();
            String text = new String(part.bytes(), 0, whole, StandardCharsets.UTF_8);
            return Optional.of(new Piece(text, part.from() + whole));
        } catch (Problem problem) {
            return Optional.of(new Piece("\n[" + problem.body().message() + "]\n", -1));
        } catch (IOException e) {
            return Optional.of(new Piece("\n[" + e.getMessage() + "]\n", -1));
        }
    }

    /// Where the last `max` bytes of an attempt's output begin.
    static long tail(Api api, AttemptId attempt, int max) throws IOException {
        long end = JobRoutes.output(api, attempt, PAST_THE_END, 1).from();
        // What was kept elsewhere is small, and its end is not told.
        return end == PAST_THE_END ? 0 : Math.max(0, end - max);
    }

    /// A letter of several bytes may come in two pieces.
    private static int wholeLetters(byte[] bytes) {
        for (int back = 1; back <= Math.min(3, bytes.length); back++) {
            int first = bytes[bytes.length - back] & 0xff;
            if (first < 0x80) return bytes.length;
            int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
            if (length > 0) return length > back ? bytes.length - back : bytes.length;
        }
        return bytes.length;
    }

    private static void event(StringBuilder text, String name, Object data) {
        text.append("event: ")
                .append(name)
                .append("\ndata: ")
                .append(Wire.text(data))
                .append("\n\n");
    }

    @SuppressWarnings("try") // the deadline only has to be closed
    private static void write(OutputStream out, String text) throws IOException {
        try (Deadline deadline = Deadline.after(STUCK)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }
}
