package dev.muster.edge.cli;

import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.core.state.Fix;
import dev.muster.edge.view.CheckText;
import dev.muster.edge.view.Doc;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;

/// `muster node check`: how nodes are, and what may be put right. Exit 0 when all is well, 1 with warnings, 3 when
/// something is not healthy.
final class NodeCheck {
    /// The leader waits 2.5 s for fresh reports, a minute for deep ones.
    private static final Duration FRESH_MAX = Duration.ofSeconds(7);

    private static final Duration DEEP_MAX = Duration.ofSeconds(80);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private final Args args;
    private final Client client;
    private final Optional<HostFile> hosts;
    private final Reach reach;
    /// What [#reach] found, by host.
    private Map<String, String> reached = Map.of();

    /// The way to hosts besides their agents.
    interface Reach {
        /// @param hosts whose agents are silent or not there
        /// @return what a person should know of each, by its name
        Map<String, String> of(Args args, HostFile file, List<Host> hosts);
    }

    private NodeCheck(Args args, Client client, Optional<HostFile> hosts, Reach reach) {
        this.args = args;
        this.client = client;
        this.hosts = hosts;
        this.reach = reach;
    }

    static CommandSpec spec(Reach reach) {
        return Verb.of("check", "Look whether nodes are healthy, and put right what may be.", args -> run(args, reach))
                .words("NODE", "0..*", "only these; all in service unless told")
                .flag("--fix", "order what can be put right: models' links, room, clock, Python packages")
                .flag("--deep", "everything anew, Python and the whole network too; takes up to a minute")
                .flag("--cached", "what nodes told last, a minute ago at most")
                .option("-f,--file", "FILE", "a file of hosts: tell of those that are not in the cluster, too")
                .asking()
                .order()
                .build();
    }

    private static int run(Args args, Reach reach) throws Failure {
        args.output();
        if (args.flag("--deep") && args.flag("--cached"))
            throw Failure.usage("expected --deep or --cached, but found both", "");
        if (!args.flag("--fix") && (args.flag("--yes") || args.dryRun()))
            throw Failure.usage("--yes and --dry-run belong to --fix", "a check alone changes nothing");
        Optional<HostFile> hosts = args.text("--file").isPresent()
                ? Optional.of(HostCommands.usable(args, args.text("--file").get()))
                : Optional.empty();
        NodeCheck check = new NodeCheck(args, Settings.client(args), hosts, reach);
        String depth = args.flag("--deep") ? "deep" : args.flag("--cached") ? "latest" : "fresh";
        Doc answer = check.look(depth);
        return args.flag("--fix") ? check.fix(answer) : check.show(answer);
    }

    // ---- look

    private Doc look(String depth) throws Failure {
        TreeSet<String> named = new TreeSet<>(args.words());
        if (hosts.isEmpty()) return ask(named, depth);
        Map<String, Doc> nodes = new LinkedHashMap<>();
        for (Doc node : client.get("/v1/nodes").doc().list("nodes")) nodes.put(node.text("id"), node);
        TreeSet<String> asked = new TreeSet<>();
        for (String name : named) {
            if (nodes.containsKey(name)) asked.add(name);
            else if (hosts.get().host(name).isEmpty())
                throw new Failure(
                        Exit.NOT_FOUND,
                        "NOT_FOUND",
                        "no node " + name + ", and no host of that name in the file",
                        "`muster node list` shows the nodes");
        }
        boolean nobody = asked.isEmpty() && !named.isEmpty();
        Doc answer = nobody ? Doc.object() : ask(asked, depth);
        return compared(answer, nodes, named);
    }

    private Doc ask(TreeSet<String> nodes, String depth) throws Failure {
        Doc body = Doc.object().with("depth", depth).with("nodes", Doc.of(List.copyOf(nodes)));
        Client.Answer answer = client.check("/v1/checks", body, depth.equals("deep") ? DEEP_MAX : FRESH_MAX);
        Show.warn(args.shell(), answer);
        if (!answer.doc().flag("led"))
            args.shell().err().println("muster: no leader; " + answer.doc().text("by") + " asked each node itself");
        return answer.doc();
    }

    /// What the file says, held against what is there.
    private Doc compared(Doc answer, Map<String, Doc> nodes, TreeSet<String> named) {
        reached = reach.of(args, hosts.orElseThrow(), unheard(answer, nodes, named));
        List<Doc> verdicts = new ArrayList<>();
        for (Doc verdict : answer.get("rounds").list("nodes")) {
            Optional<Host> host = hosts.orElseThrow().host(verdict.text("node"));
            verdicts.add(host.map(it -> compared(verdict, it, nodes.get(verdict.text("node"))))
                    .orElse(verdict));
        }
        for (Host host : hosts.orElseThrow().hosts()) {
            if (!absent(host, nodes, named)) continue;
            String why = reached(host).map(it -> " (" + it + ")").orElse("");
            verdicts.add(Doc.object()
                    .with("node", host.name())
                    .with("grade", "FAIL")
                    .with("checks", list(List.of(check("REACHABLE", "not in the cluster" + why)))));
        }
        List<String> order = List.of("OK", "WARN", "UNKNOWN", "FAIL");
        verdicts.sort(
                (one, other) -> Integer.compare(order.indexOf(one.text("grade")), order.indexOf(other.text("grade"))));
        Doc rounds = answer.get("rounds").with("nodes", list(verdicts));
        return answer.with("rounds", rounds);
    }

    /// Hosts of the file that somebody has to look at otherwise.
    private List<Host> unheard(Doc answer, Map<String, Doc> nodes, TreeSet<String> named) {
        List<Host> unheard = new ArrayList<>();
        for (Doc verdict : answer.get("rounds").list("nodes"))
            if (away(verdict)) hosts.orElseThrow().host(verdict.text("node")).ifPresent(unheard::add);
        for (Host host : hosts.orElseThrow().hosts()) if (absent(host, nodes, named)) unheard.add(host);
        return unheard;
    }

    private static boolean absent(Host host, Map<String, Doc> nodes, TreeSet<String> named) {
        boolean asked = named.isEmpty() ? host.inService() : named.contains(host.name());
        return asked && !nodes.containsKey(host.name());
    }

    private static boolean away(Doc verdict) {
        return verdict.list("checks").stream()
                .anyMatch(check -> check.text("probe").equals("REACHABLE")
                        && check.text("grade").equals("FAIL"));
    }

    private Optional<String> reached(Host host) {
        return Optional.ofNullable(reached.get(host.name()));
    }

    private Doc compared(Doc verdict, Host host, Doc node) {
        Doc found = verdict;
        int gpus = host.machine().gpus().count();
        if (away(verdict)) {
            Optional<String> why = reached(host);
            return why.isEmpty() ? found : failing(found, check("REACHABLE", why.get()));
        }
        return node.number("gpus") < gpus
                ? failing(found, check("CUDA", "cuda: joined with " + node.number("gpus") + ", the file says " + gpus))
                : found;
    }

    private static Doc failing(Doc verdict, Doc check) {
        return verdict.with("grade", "FAIL")
                .with("checks", verdict.get("checks").plus(check));
    }

    private static Doc check(String probe, String text) {
        return Doc.object().with("probe", probe).with("grade", "FAIL").with("text", text);
    }

    private static Doc list(List<Doc> docs) {
        Doc list = Doc.json("[]".getBytes(StandardCharsets.UTF_8));
        for (Doc doc : docs) list = list.plus(doc);
        return list;
    }

    // ---- show

    private int show(Doc answer) throws Failure {
        Doc rounds = answer.get("rounds");
        boolean symbols = args.shell().out().charset().newEncoder().canEncode("✅");
        args.shell()
                .out()
                .print(args.output()
                        .render(answer, wide -> CheckText.list(rounds, wide, symbols), doc -> notWell(rounds)));
        String grade = CheckText.grade(rounds);
        if (grade.equals("OK")) return Exit.DONE;
        return grade.equals("FAIL") ? Exit.NOT_HEALTHY : Exit.ERROR;
    }

    private static List<String> notWell(Doc rounds) {
        return rounds.list("nodes").stream()
                .filter(node -> !node.text("grade").equals("OK"))
                .map(node -> node.text("node"))
                .toList();
    }

    // ---- fix

    /// Shows what is wrong, asks, orders, waits for each end, and looks again.
    private int fix(Doc answer) throws Failure {
        String plan = CheckText.plan(answer.get("rounds"));
        if (plan.isEmpty()) {
            int exit = show(answer);
            say(exit == Exit.DONE ? "nothing to put right" : "nothing that can be put right from here");
            return exit;
        }
        if (!Confirm.goesOn(args, "Put right, each once, and look again:\n" + plan.stripTrailing())) return Exit.DONE;
        List<String> tokens = ordered(answer.get("rounds"));
        if (!tokens.isEmpty()) await(tokens);
        return show(look("fresh"));
    }

    private List<String> ordered(Doc rounds) {
        List<String> tokens = new ArrayList<>();
        for (Doc node : rounds.list("nodes")) {
            for (Doc fix : node.list("fixes")) {
                String kind = CheckText.word(fix.text("kind"));
                String path = "/v1/nodes/" + Words.segment(node.text("node")) + "/fixes/" + kind;
                try {
                    Doc done = client.another(tokens.size() + 1)
                            .order("POST", path, because(fix))
                            .doc();
                    tokens.add(done.text("token"));
                } catch (Failure failure) {
                    say(node.text("node") + ": " + kind + " was not ordered: " + failure.getMessage());
                }
            }
        }
        return tokens;
    }

    private Doc because(Doc fix) {
        String why = args.text("--why").orElse(fix.get("because").text("text"));
        return Doc.object().with("why", why);
    }

    @SuppressWarnings("try") // the note only has to be taken back
    private void await(List<String> tokens) throws Failure {
        List<String> open = new ArrayList<>(tokens);
        Instant end = args.shell().clock().instant().plus(Fix.LAPSES_AFTER);
        boolean goesOn = true;
        try (Shell.Interruption note =
                args.shell().onInterrupt("\nmuster: detached; they go on. `muster node check` shows how they end")) {
            while (goesOn && !open.isEmpty() && args.shell().clock().instant().isBefore(end)) {
                for (Doc fix : client.get("/v1/fixes").doc().list("fixes")) {
                    if (!open.contains(fix.text("token")) || fix.text("state").equals("open")) continue;
                    open.remove(fix.text("token"));
                    say(fix.text("node") + ": " + fix.text("kind") + " " + fix.text("state") + ": " + fix.text("note"));
                }
                goesOn = open.isEmpty() || args.shell().pause().of(LOOK_AGAIN);
            }
        }
        if (!open.isEmpty()) say(open.size() + " fixes have not ended yet");
    }

    private void say(String line) {
        args.shell().err().println("muster: " + line);
        args.shell().err().flush();
    }
}
