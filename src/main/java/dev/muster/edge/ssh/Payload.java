package dev.muster.edge.ssh;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// What a machine's shells get to see of a script.
///
/// The account's login shell may be any (bash, fish, csh, …), so the command it gets has neither quotes within quotes nor
/// backslashes, exclamation marks or line ends: it only reads so many bytes of its standard input, and has them evaluated by
/// `sh`. `dd` with blocks of one byte reads not one more; `head -c` of busybox would, and so would a shell that reads its script
/// from standard input. What comes after those bytes is the script's own input.
///
/// @param mark   the words around the script's own output: nobody else says them
/// @param bytes  the first of standard input
record Payload(String mark, byte[] bytes) {
    /// The watch over there gives us this long to end first.
    static final Duration GRACE = Duration.ofSeconds(5);

    /// @param input whether the script reads the rest of standard input
    /// @param watch ends the script's whole process group over there this much and [#GRACE] later, if it still runs: for when
    ///              nobody here can do so any more. Not for a shell that shares its group with others.
    static Payload of(String script, List<String> args, boolean input, Optional<Duration> watch) {
        String mark = newMark();
        StringBuilder text = new StringBuilder();
        text.append(say(begin(mark)));
        watch.ifPresent(max -> text.append("""
                ( trap 'kill $muster_s; exit' TERM
                  sleep %d & muster_s=$!
                  wait $muster_s; trap '' TERM
                  kill -TERM 0; sleep 2; kill -KILL 0
                ) </dev/null >/dev/null 2>&1 & muster_w=$!
                """.formatted(max.plus(GRACE).toSeconds() + 1)));
        text.append("( set --");
        for (String arg : args) text.append(' ').append(quoted(arg));
        text.append("\neval ").append(quoted(script)).append("\n)").append(input ? "" : " </dev/null");
        text.append("\nmuster_e=$?\n");
        if (watch.isPresent()) text.append("kill $muster_w 2>/dev/null\n");
        text.append(say(end(mark) + "$muster_e;"));
        return new Payload(mark, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String newMark() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return "muster-%016x%016x".formatted(random.nextLong(), random.nextLong());
    }

    private static String say(String word) {
        return "printf %s \"" + word + "\"; printf %s \"" + word + "\" >&2\n";
    }

    static String begin(String mark) {
        return mark + "-begin;";
    }

    /// The exit status and a semicolon follow.
    static String end(String mark) {
        return mark + "-end-";
    }

    /// For a POSIX shell.
    static String quoted(String text) {
        if (text.indexOf('\0') >= 0) throw new IllegalArgumentException("expected no NUL in a script or its arguments");
        return "'" + text.replace("'", "'\\''") + "'";
    }

    /// The program that `sh -c` runs: the same text, but for a number, whatever the script.
    String program() {
        return "muster_p=$(dd bs=1 count=" + bytes.length + " 2>/dev/null); eval \"$muster_p\"";
    }

    /// The command for a login shell of any kind.
    String command() {
        return "sh -c '" + program() + "'";
    }
}
