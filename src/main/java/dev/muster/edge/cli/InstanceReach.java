package dev.muster.edge.cli;

import dev.muster.core.rent.Rented;
import dev.muster.edge.provider.Providers;
import dev.muster.edge.provider.Surroundings;
import dev.muster.edge.provider.Wiretap;
import dev.muster.edge.view.Doc;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/// `muster instance ssh` and `muster instance logs`: to a machine itself, with what the caller's environment holds.
final class InstanceReach {
    private static final int LINES = 100;
    private static final int LINES_MAX = 10_000;

    private InstanceReach() {}

    static CommandSpec logs() {
        return Rentals.options(Verb.of("logs", "The last lines that a machine wrote.", InstanceReach::logs)
                        .word("INSTANCE", InstanceCommands.WORD)
                        .option("--lines,-n", "COUNT", LINES + " unless told"))
                .build();
    }

    static CommandSpec ssh() {
        return Verb.of(
                        "ssh",
                        "Log in to a machine, or run a command there, with this machine's ssh.",
                        InstanceReach::ssh)
                .words("INSTANCE", "1..*", InstanceCommands.WORD + "; behind -- a command to be run there")
                .flag("--proxy", "over the provider's own host, though the machine can be reached directly")
                .flag("--dry-run", "only print the line")
                .build();
    }

    private static int logs(Args args) throws Failure {
        long lines = args.number("--lines", LINES);
        if (lines < 1 || lines > LINES_MAX)
            throw Failure.usage("expected --lines to be 1 to " + LINES_MAX + ", but found " + lines, "");
        Doc one = InstanceCommands.find(args, Settings.client(args));
        return Rentals.at(args, one.text("provider"), (provider, providers) -> {
            if (!provider.can().logs())
                throw Failure.usage(
                        provider.name() + " does not tell what a machine wrote",
                        "`muster instance ssh " + one.text("id") + "` gets there");
            String text = provider.logs(there(one), (int) lines);
            if (text.isBlank()) args.shell().err().println("muster: " + nothing(one));
            args.shell().out().print(text.isEmpty() || text.endsWith("\n") ? text : text + "\n");
            return Exit.DONE;
        });
    }

    private static String nothing(Doc one) {
        boolean up = one.text("observed").equals("RUNNING");
        return one.text("provider") + " has no line of " + one.text("id")
                + (up
                        ? ": it has written nothing since it came up; the agent's own log is there in"
                                + " ~/.muster/data/logs (`muster instance ssh " + one.text("id") + "`)"
                        : " yet: it is " + one.text("phase").toLowerCase(Locale.ROOT)
                                + (one.has("message") ? ", " + one.text("message") : "")
                                + "; there is something to read once its container runs");
    }

    private static String there(Doc one) throws Failure {
        if (one.has("rented")) return one.text("rented");
        throw new Failure(
                Exit.NOT_HEALTHY,
                "NOT_THERE",
                one.text("id") + " was not found at its provider yet",
                "`muster instance show " + one.text("id") + "` shows what it waits for");
    }

    private static int ssh(Args args) throws Failure {
        Client client = Settings.client(args);
        Doc one = InstanceCommands.find(args, client);
        there(one);
        up(one);
        Doc reach = client.get(InstanceCommands.path(one.text("id"))).doc().get("reach");
        if (!reach.has("direct") && !reach.has("proxy")) reach = listed(args, one);
        String to = !reach.has("direct") || args.flag("--proxy") && reach.has("proxy")
                ? reach.text("proxy")
                : reach.text("direct");
        List<String> words = line(args, one, reach.text("user"), to);
        if (!args.dryRun()) return run(args, words);
        args.shell()
                .out()
                .println(String.join(
                        " ", words.stream().map(InstanceReach::quoted).toList()));
        return Exit.DONE;
    }

    /// Nobody listens on a machine that is down, and ssh would only say that nobody answers.
    private static void up(Doc one) throws Failure {
        String id = one.text("id");
        if (one.has("ended_at"))
            throw new Failure(Exit.NOT_HEALTHY, "NOT_RUNNING", id + " has ended: " + one.text("message"), "");
        boolean down = List.of("PROVISIONING", "PULLING", "QUEUED", "STOPPED", "PREEMPTED", "FAILED", "GONE")
                .contains(one.text("observed"));
        if (!down) return;
        boolean stopped = one.text("will").equals("STOP");
        throw new Failure(
                Exit.NOT_HEALTHY,
                "NOT_RUNNING",
                "expected " + id + " to run, but it is "
                        + one.text("phase").toLowerCase(Locale.ROOT)
                        + (one.has("message") ? ": " + one.text("message") : ""),
                stopped
                        ? "`muster instance start " + id + " --wait` starts it"
                        : "`muster instance show " + id + "` shows what it waits for");
    }

    /// As its provider says it, where no leader does.
    private static Doc listed(Args args, Doc one) throws Failure {
        Doc[] found = {Doc.object()};
        Rentals.at(args, one.text("provider"), (provider, providers) -> {
            for (Rented machine : provider.list()) {
                if (machine.id().equals(one.text("rented"))) found[0] = reach(machine.reach());
            }
            return Exit.DONE;
        });
        if (found[0].has("direct") || found[0].has("proxy")) return found[0];
        throw new Failure(
                Exit.NOT_HEALTHY,
                "NOT_THERE",
                "no way to " + one.text("id") + " is known: "
                        + one.text("phase").toLowerCase(Locale.ROOT),
                "`muster instance show " + one.text("id") + "` shows what it waits for");
    }

    private static Doc reach(Rented.Reach reach) {
        return Doc.object()
                .with("user", reach.user())
                .with("direct", reach.direct().map(Rented.Endpoint::toString).orElse(""))
                .with("proxy", reach.proxy().map(Rented.Endpoint::toString).orElse(""));
    }

    /// Addresses and ports are used again for other machines: a machine's host key is known by its provider's id.
    private static List<String> line(Args args, Doc one, String user, String to) throws Failure {
        int colon = to.lastIndexOf(':');
        List<String> words = new ArrayList<>(List.of("ssh"));
        Path key = key(args);
        if (Files.exists(key)) words.addAll(List.of("-i", key.toString(), "-o", "IdentitiesOnly=yes"));
        words.addAll(List.of(
                "-o",
                "StrictHostKeyChecking=accept-new",
                "-o",
                "HostKeyAlias=" + one.text("provider") + "-" + one.text("rented"),
                "-p",
                to.substring(colon + 1),
                "--",
                user + "@" + to.substring(0, colon)));
        List<String> command = args.words().subList(1, args.words().size());
        if (!command.isEmpty()) words.add(there(command));
        return words;
    }

    /// ssh joins words by blanks, and a shell there takes them apart again: several stay the words that they are here, and one
    /// alone is a line for that shell.
    private static String there(List<String> command) {
        return command.size() == 1
                ? command.getFirst()
                : String.join(" ", command.stream().map(InstanceReach::quoted).toList());
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private static Path key(Args args) throws Failure {
        try {
            return new Providers(args.shell().env(), () -> Rentals.NO_HOSTS, Surroundings.system(Wiretap.OFF))
                    .preferences()
                    .sshKey();
        } catch (IllegalArgumentException e) {
            throw Failure.usage(e.getMessage(), "");
        }
    }

    /// In this process's place, as far as Java can: its streams are ssh's.
    private static int run(Args args, List<String> words) throws Failure {
        Path ssh = program(args)
                .orElseThrow(() -> new Failure(
                        Exit.ERROR,
                        "NO_SSH",
                        "expected the program ssh in the PATH, but found none",
                        "--dry-run prints the line"));
        List<String> all = new ArrayList<>(words);
        all.set(0, ssh.toString());
        args.shell().out().flush();
        try {
            return new ProcessBuilder(all).inheritIO().start().waitFor();
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "NO_SSH", "cannot run " + ssh + ": " + e.getMessage(), "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exit.ERROR;
        }
    }

    private static Optional<Path> program(Args args) {
        for (String folder : args.shell().env().getOrDefault("PATH", "").split(File.pathSeparator)) {
            Path ssh = Path.of(folder, "ssh");
            if (!folder.isEmpty() && Files.isExecutable(ssh)) return Optional.of(ssh);
        }
        return Optional.empty();
    }
}
