package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// Stays until rented machines are as they are wanted, and says where they are meanwhile. The cluster brings them there
/// whether anybody looks or not.
final class InstanceWait {
    /// What is waited for.
    enum Goal {
        RUNNING,
        STOPPED,
        ENDED
    }

    /// `for 1m10s`; that time goes on is no news.
    private static final Pattern TIME = Pattern.compile("\\b[0-9][0-9.]*(d|h|m|ms|s)([0-9.]+(h|m|s))*\\b");

    private static final Duration POLL = Duration.ofSeconds(2);

    private InstanceWait() {}

    /// As long as `--wait` says; not at all without it.
    ///
    /// @throws Failure when one of them will not come there
    @SuppressWarnings("try") // the note only has to be taken back
    static int until(Args args, Client client, List<String> ids, Goal goal) throws Failure {
        if (args.text("--wait").isEmpty()) return Exit.DONE;
        Instant end = args.shell().clock().instant().plus(args.seconds("--wait", Duration.ZERO));
        Map<String, String> told = new HashMap<>();
        List<String> left = new ArrayList<>(ids);
        try (Shell.Interruption note =
                args.shell().onInterrupt("\nmuster: detached; `muster instance list` shows how far it is")) {
            while (true) {
                for (String id : List.copyOf(left)) {
                    Doc one = client.get(InstanceCommands.path(id)).doc().get("instance");
                    tell(args, one, told);
                    if (goal == Goal.RUNNING && one.has("successor")) left.set(left.indexOf(id), one.text("successor"));
                    else if (there(one, goal) && heard(client, one, goal)) left.remove(id);
                }
                if (left.isEmpty()) return Exit.DONE;
                if (!args.shell().clock().instant().isBefore(end)
                        || args.shell().deaf()
                        || !args.shell().pause().of(POLL)) return Exit.NOT_FINISHED;
            }
        }
    }

    private static void tell(Args args, Doc one, Map<String, String> told) throws Failure {
        String line = one.text("id") + " is " + one.text("phase").toLowerCase(Locale.ROOT)
                + (one.has("message") ? ": " + one.text("message") : "");
        String still = still(line);
        if (still.equals(told.put(one.text("id"), still))) return;
        boolean tells = args.output() == Output.TABLE || args.output() == Output.WIDE;
        if (!tells) return;
        args.shell().err().println("muster: " + line);
        args.shell().err().flush();
    }

    /// Without times.
    static String still(String line) {
        return TIME.matcher(line).replaceAll("");
    }

    /// One that was stopped is in the cluster all the time; it is of use once its agent is heard again.
    private static boolean heard(Client client, Doc one, Goal goal) throws Failure {
        return goal != Goal.RUNNING
                || client.get("/v1/nodes/" + Words.segment(one.text("node")))
                        .doc()
                        .get("node")
                        .text("life")
                        .equals("ALIVE");
    }

    private static boolean there(Doc one, Goal goal) throws Failure {
        String phase = one.text("phase");
        if (phase.equals(goal.name())) return true;
        boolean over = phase.equals("ENDED") || phase.equals("ABANDONED");
        if (over && goal == Goal.ENDED) return true;
        if (over && one.flag("awaits_another")) return false;
        if (over)
            throw new Failure(
                    Exit.ERROR,
                    "NOT_DONE",
                    one.text("id") + " has ended: " + one.text("message"),
                    "`muster instance show " + one.text("id") + "` shows how it came to that");
        return false;
    }
}
