package dev.muster.edge.cli;

import dev.muster.core.code.CodeState;
import dev.muster.core.code.Rollout;
import dev.muster.core.fleet.UpPlan;
import dev.muster.core.hosts.Host;
import dev.muster.edge.fleet.Fleet;
import dev.muster.edge.fleet.HostCode;
import dev.muster.edge.fleet.HostCode.Changes;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;
import picocli.CommandLine.Model.CommandSpec;

/// `muster code …`: the team's own code on the hosts of a file, over SSH.
final class CodeCommands {
    /// More at once only wait for the same remote.
    private static final int BATCH_MAX = 16;

    private CodeCommands() {}

    static CommandSpec spec() {
        return Catalog.group(
                "code",
                "The working directory of jobs on the hosts of a file: one commit everywhere.",
                options(Verb.of(
                                "status",
                                "Show at which commit each host is, and whether it differs.",
                                Set.of("--node"),
                                CodeCommands::status))
                        .build(),
                changing(Verb.of(
                                "sync",
                                "Check out one commit everywhere: one host first, then the others.",
                                Set.of("--node"),
                                CodeCommands::sync))
                        .option("--canary", "HOST", "goes first; the file's first unless told")
                        .words("REF", "0..1", "a branch, tag or commit of the remote; main unless told")
                        .build(),
                changing(Verb.of(
                                "rollback",
                                "Go back to what the last sync replaced, by each host's record.",
                                Set.of("--node"),
                                CodeCommands::rollback))
                        .build());
    }

    private static Verb options(Verb verb) {
        return FleetCommands.reach(verb)
                .option("--path", "FOLDER", "the repository on each host; ringrift_path of the file unless told");
    }

    private static Verb changing(Verb verb) {
        return options(verb)
                .flag("--stash", "put local changes aside (git stash)")
                .flag("--force", "throw local changes away")
                .asking();
    }

    /// A host's code, or why it cannot be told.
    ///
    /// @param change what was done there; empty when only looked at
    /// @param begun  false for a host that was left as it was because another failed
    private record Seen(Optional<CodeState> state, Optional<HostCode.Moved> change, String why, boolean begun) {
        static Seen of(CodeState state) {
            return new Seen(Optional.of(state), Optional.empty(), "", true);
        }

        static Seen of(HostCode.Moved change) {
            return new Seen(Optional.of(change.now()), Optional.of(change), "", true);
        }

        static Seen not(String why) {
            return new Seen(Optional.empty(), Optional.empty(), why, true);
        }

        static Seen left(String why) {
            return new Seen(Optional.empty(), Optional.empty(), why, false);
        }
    }

    private static int status(Args args) throws Failure {
        return FleetCommands.working(args, FleetCommands.named(args), work -> {
            Map<String, Seen> seen = look(args, work, hosts(args, work));
            return show(args, seen);
        });
    }

    private static int sync(Args args) throws Failure {
        String ref = args.words().isEmpty() ? "main" : args.words().getFirst();
        Changes changes = changes(args);
        Predicate<CodeState> keeps =
                state -> changes == Changes.REFUSE && state.dirty() || changes != Changes.FORCE && state.ahead() > 0;
        return change(args, "Check out " + ref, keeps, (code, commit) -> code.sync(ref, changes, commit));
    }

    private static int rollback(Args args) throws Failure {
        Changes changes = changes(args);
        Predicate<CodeState> keeps = state -> changes == Changes.REFUSE && state.dirty();
        return change(args, "Go back to the commit before", keeps, (code, commit) -> code.rollback(changes));
    }

    private static Changes changes(Args args) throws Failure {
        if (args.flag("--stash") && args.flag("--force"))
            throw Failure.usage("expected --stash or --force, but found both", "");
        return args.flag("--stash") ? Changes.STASH : args.flag("--force") ? Changes.FORCE : Changes.REFUSE;
    }

    private interface Change {
        /// @param commit that the canary took; empty for the canary itself
        HostCode.Moved on(HostCode code, Optional<String> commit) throws IOException, InterruptedException;
    }

    /// Nothing begins while some host would lose what only it has: it is found before the first one is changed.
    ///
    /// @return a line for each host that cannot be looked at
    private static String begin(Map<String, Seen> seen, Predicate<CodeState> keeps) throws Failure {
        List<String> own = new ArrayList<>();
        StringBuilder unseen = new StringBuilder();
        seen.forEach((host, one) -> {
            one.state().filter(keeps).ifPresent(state -> own.add(host + " has " + state.local()));
            if (one.state().isEmpty())
                unseen.append("\n  ").append(host).append(": ").append(one.why());
        });
        if (own.isEmpty()) return unseen.toString();
        throw new Failure(
                Exit.REFUSED,
                "REFUSED",
                "expected nothing that only one host has, but " + String.join("; ", own),
                "nothing was done. --stash puts changed files aside, --force throws them away and leaves commits behind");
    }

    /// @param keeps what a host has of its own, so that it is not begun with
    private static int change(Args args, String plan, Predicate<CodeState> keeps, Change change) throws Failure {
        return FleetCommands.working(args, FleetCommands.named(args), work -> {
            List<Host> hosts = hosts(args, work);
            Rollout rollout = rollout(args, hosts);
            String unseen = begin(look(args, work, hosts), keeps);
            String first = rollout.waiting().getFirst();
            String told = plan + " on " + first
                    + (hosts.size() == 1
                            ? ""
                            : ", then on " + (hosts.size() - 1) + " more: "
                                    + String.join(", ", rollout.waiting().subList(1, hosts.size())))
                    + ". It stops at the first that fails." + unseen;
            if (!Confirm.goesOn(args, told)) return Exit.DONE;
            Map<String, Host> byName = new LinkedHashMap<>();
            for (Host host : hosts) byName.put(host.name(), host);
            Map<String, Seen> seen = new ConcurrentSkipListMap<>();
            Optional<String> commit = Optional.empty();
            for (List<String> next = rollout.next(); !next.isEmpty(); next = rollout.next()) {
                rollout = rollout.begun(next);
                Optional<String> exact = commit;
                Fleet.each(next, name -> {
                    try {
                        seen.put(name, Seen.of(change.on(code(args, work, byName.get(name)), exact)));
                    } catch (IOException e) {
                        seen.put(name, Seen.not(Fleet.reason(name, e)));
                    }
                });
                for (String name : next) {
                    Seen one = seen.getOrDefault(name, Seen.not("nothing came of it"));
                    rollout = one.state().isPresent() ? rollout.done(name) : rollout.failed(name, one.why());
                }
                if (commit.isEmpty())
                    commit = seen.getOrDefault(first, Seen.not("")).state().map(CodeState::commit);
            }
            for (String name : rollout.halted())
                seen.put(
                        name, Seen.left("not begun, because " + rollout.failed().firstKey() + " failed"));
            return show(args, inOrder(hosts, seen));
        });
    }

    private static Rollout rollout(Args args, List<Host> hosts) throws Failure {
        try {
            return Rollout.of(hosts.stream().map(Host::name).toList(), args.text("--canary"), BATCH_MAX);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(e.getMessage(), "");
        }
    }

    private static List<Host> hosts(Args args, FleetCommands.Work work) throws Failure {
        List<Host> hosts = UpPlan.wanted(work.file(), work.only());
        if (hosts.isEmpty()) throw Failure.usage("expected hosts that are in service, but the file has none", "");
        return hosts;
    }

    private static HostCode code(Args args, FleetCommands.Work work, Host host) {
        return new HostCode(
                work.shell(host), args.text("--path").orElse(host.work().path()));
    }

    private static Map<String, Seen> look(Args args, FleetCommands.Work work, List<Host> hosts)
            throws InterruptedException {
        Map<String, Seen> seen = new ConcurrentHashMap<>();
        Fleet.each(hosts, host -> {
            try {
                seen.put(host.name(), Seen.of(code(args, work, host).status()));
            } catch (IOException e) {
                seen.put(host.name(), Seen.not(Fleet.reason(host.name(), e)));
            }
        });
        return inOrder(hosts, seen);
    }

    private static Map<String, Seen> inOrder(List<Host> hosts, Map<String, Seen> seen) {
        Map<String, Seen> ordered = new LinkedHashMap<>();
        for (Host host : hosts) ordered.put(host.name(), seen.getOrDefault(host.name(), Seen.not("not looked at")));
        return ordered;
    }

    private static int show(Args args, Map<String, Seen> seen) throws Failure {
        Doc hosts = Doc.json("[]".getBytes(StandardCharsets.UTF_8));
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, Seen> one : seen.entrySet()) {
            hosts = hosts.plus(doc(one.getKey(), one.getValue()));
            text.append(line(one.getKey(), one.getValue()));
        }
        long commits = seen.values().stream()
                .flatMap(one -> one.state().stream())
                .map(CodeState::commit)
                .distinct()
                .count();
        long left = seen.values().stream().filter(one -> !one.begun()).count();
        long known =
                seen.values().stream().filter(one -> one.state().isPresent()).count();
        long failed = seen.size() - known - left;
        text.append('\n')
                .append(known)
                .append(" of ")
                .append(seen.size())
                .append(" hosts")
                .append(known == 0 ? "" : " at " + (commits == 1 ? "one commit" : commits + " commits"))
                .append(failed == 0 ? "" : ", " + failed + " failed")
                .append(left == 0 ? "" : ", " + left + " not begun")
                .append('\n');
        Doc doc = Doc.object()
                .with("hosts", hosts)
                .with("commits", commits)
                .with("failed", failed)
                .with("not_begun", left);
        args.shell().out().print(args.output().render(doc, wide -> text.toString(), Show.names("hosts", "host")));
        return known == seen.size() && commits <= 1 ? Exit.DONE : Exit.NOT_HEALTHY;
    }

    private static String line(String host, Seen seen) {
        if (seen.state().isEmpty()) return "  " + (seen.begun() ? "✗ " : "- ") + host + ": " + seen.why() + "\n";
        CodeState state = seen.state().get();
        List<String> notes = new ArrayList<>();
        seen.change().ifPresent(change -> notes.add(change.changed() ? "changed" : "was there already"));
        int stashed = seen.change().map(HostCode.Moved::stashed).orElse(0);
        if (stashed > 0) notes.add(stashed + " changed files put aside, `git stash pop` there brings them back");
        notes.add(state.branch().isEmpty() ? "no branch" : "branch " + state.branch());
        if (state.dirty()) notes.add(state.changed() + " files changed locally");
        if (state.ahead() > 0) notes.add(state.ahead() + " commits that no remote has");
        state.behind().filter(behind -> behind > 0).ifPresent(behind -> notes.add(behind + " behind its branch"));
        state.previous()
                .ifPresent(before -> notes.add("before: " + before.substring(0, Math.min(10, before.length()))));
        String mark = state.dirty() || state.ahead() > 0 ? "!" : "✓";
        return "  " + mark + " " + host + ": " + state.brief() + " " + state.subject() + " (" + String.join(", ", notes)
                + ")\n";
    }

    private static Doc doc(String host, Seen seen) {
        Doc doc = Doc.object()
                .with("host", host)
                .with("ok", seen.state().isPresent())
                .with("why", seen.why());
        if (seen.state().isEmpty()) return doc;
        CodeState state = seen.state().get();
        if (seen.change().isPresent())
            doc = doc.with("moved", seen.change().get().changed())
                    .with("stashed", (long) seen.change().get().stashed());
        Doc with = doc.with("commit", state.commit())
                .with("subject", state.subject())
                .with("branch", state.branch())
                .with("changed", (long) state.changed())
                .with("ahead", (long) state.ahead());
        if (state.behind().isPresent())
            with = with.with("behind", (long) state.behind().get());
        return state.previous().isPresent()
                ? with.with("previous", state.previous().get())
                : with;
    }
}
