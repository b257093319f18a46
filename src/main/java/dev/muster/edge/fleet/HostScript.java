package dev.muster.edge.fleet;

import dev.muster.core.state.NodeId;
import dev.muster.edge.fleet.HostAnswer.Refusal;
import dev.muster.edge.ssh.HostShell;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// `host.sh` on one host, call by call. Each call may be repeated: what is done already stays as it is.
///
/// Every method throws an [IOException] when nobody knows what came of it (the connection, or an answer that makes no
/// sense); what the host refuses is a [HostAnswer.Refused].
public final class HostScript {
    private static final String SCRIPT = read();
    private static final Duration QUICK = Duration.ofSeconds(30);
    /// A program starts there, and asks nodes that may not answer.
    private static final Duration CONFIGURE = Duration.ofMinutes(2);
    /// At 250 kB/s a bundle of 70 MB takes five minutes.
    private static final Duration TRANSFER = Duration.ofMinutes(15);
    /// The script gives an agent 30 s to end, and its supervisor as much.
    private static final Duration HALT = Duration.ofSeconds(90);

    /// The script waits 45 s for the agent.
    private static final Duration API = Duration.ofSeconds(60);

    private final HostShell shell;
    private final Place place;

    /// Where on the host, and how long to wait there.
    ///
    /// @param root absolute; empty for `~/.muster`
    /// @param init `auto`, or `systemd`, `user` or `none`, which leaves it to the supervisor
    /// @param patience with an agent's `/health` after a start
    public record Place(String root, String init, Duration patience) {
        public static final Place DEFAULT = new Place("", "auto", Duration.ofSeconds(60));

        List<String> options() {
            List<String> options = new ArrayList<>();
            if (!root.isEmpty()) options.addAll(List.of("--root", root));
            options.addAll(List.of("--init", init, "--wait", Long.toString(patience.toSeconds())));
            return options;
        }
    }

    /// @param already it was so before the call
    public record Installed(String release, boolean already) {}

    /// @param already it was so before the call
    public record Configured(NodeId node, boolean already) {}

    /// An agent that answered `/health` with this node and version.
    ///
    /// @param already it ran before the call
    public record Started(NodeId node, String version, long pid, HostStatus.Init init, boolean already) {}

    /// @param already it was current before the call, and answered if it was running
    public record Switched(String release, boolean already) {}

    public HostScript(HostShell shell, Place place) {
        this.shell = shell;
        this.place = place;
    }

    /// The script itself, for whoever wants to read it or runs it by hand.
    public static String text() {
        return SCRIPT;
    }

    /// Looks, and changes nothing.
    public HostAnswer<HostProbe> probe() throws IOException, InterruptedException {
        return call(QUICK, HostProbe::of, "probe");
    }

    public HostAnswer<HostStatus> status() throws IOException, InterruptedException {
        return call(QUICK, HostStatus::of, "status");
    }

    /// Sends the bundle, which is checked there before anything is unpacked. Without a release so far it becomes current.
    /// Ask [#probe] first: a release that is there needs no transfer.
    public HostAnswer<Installed> install(Bundle bundle) throws IOException, InterruptedException {
        return answer(
                shell.send(
                        SCRIPT,
                        words(
                                "install",
                                bundle.release(),
                                bundle.sha().hex(),
                                bundle.arch(),
                                Long.toString(bundle.size()),
                                Long.toString(bundle.unpacked())),
                        bundle.file(),
                        TRANSFER),
                said -> new Installed(
                        said.needed("release"), said.needed("state").equals("there")));
    }

    /// Makes the data directory by `muster cluster init` or `join`, unless this node's lies there.
    ///
    /// @param how   `init`, `join` or `enrol` (by a one-time token), and what follows it
    /// @param token goes over standard input only; empty lets `init` make one
    public HostAnswer<Configured> configure(NodeId node, List<String> how, String token)
            throws IOException, InterruptedException {
        List<String> words = words("configure", node.name());
        words.addAll(how);
        return answer(
                send(words, token, CONFIGURE),
                said -> new Configured(
                        new NodeId(said.needed("node")), said.needed("state").equals("there")));
    }

    /// Lays a secret into the node's data directory, with mode 600.
    ///
    /// @param value goes over standard input only
    public HostAnswer<String> secret(String name, String value) throws IOException, InterruptedException {
        return answer(send(words("secret", name), value, QUICK), said -> said.needed("secret"));
    }

    /// What must not stand in an argument.
    private HostShell.Result send(List<String> words, String text, Duration timeout)
            throws IOException, InterruptedException {
        Path file = Files.createTempFile(
                "muster-text", "", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(file, text);
            return shell.send(SCRIPT, words, file, timeout);
        } finally {
            Files.delete(file);
        }
    }

    /// Asks the API of the agent there, with that node's own token.
    ///
    /// @param path with its query
    /// @param body JSON, or empty
    /// @return the JSON that it answered
    public HostAnswer<String> ask(String method, String path, String body) throws IOException, InterruptedException {
        List<String> words = words("api", method, path);
        HostShell.Result result = body.isEmpty() ? shell.run(SCRIPT, words, API) : send(words, body, API);
        return result.exit() == 0 ? new HostAnswer.Done<>(result.out()) : refused(result);
    }

    /// Starts the agent, and whatever starts it again, and waits for `/health`.
    public HostAnswer<Started> start() throws IOException, InterruptedException {
        return call(place.patience().plus(HALT), HostScript::started, "start");
    }

    /// The same after a stop.
    public HostAnswer<Started> restart() throws IOException, InterruptedException {
        return call(place.patience().plus(HALT), HostScript::started, "restart");
    }

    /// Ends the agent, and what would start it again. Jobs go on.
    ///
    /// @return whether anything ran
    public HostAnswer<Boolean> stop() throws IOException, InterruptedException {
        return call(HALT, said -> said.needed("state").equals("stopped"), "stop");
    }

    /// Makes an installed release current. A running agent is started anew from it; when it does not answer with the node's id
    /// and the new version, the former release comes back and the answer is [Refusal#SWITCHED_BACK].
    public HostAnswer<Switched> switchTo(String release) throws IOException, InterruptedException {
        return call(switching(), HostScript::switched, "switch", release);
    }

    /// Switches to the release before, by the host's record of it.
    public HostAnswer<Switched> rollback() throws IOException, InterruptedException {
        return call(switching(), HostScript::switched, "rollback");
    }

    /// Stops the agent and removes what was installed.
    ///
    /// @param withData also the node's identity, artifacts and attempts
    public HostAnswer<Boolean> uninstall(boolean withData) throws IOException, InterruptedException {
        List<String> words = words("uninstall");
        if (withData) words.add("--with-data");
        return answer(
                shell.run(SCRIPT, words, HALT), said -> said.needed("state").equals("uninstalled"));
    }

    /// Stop and start, and once more when the first does not hold.
    private Duration switching() {
        return place.patience().plus(HALT).multipliedBy(2);
    }

    private static Started started(KeyValues said) {
        return new Started(
                new NodeId(said.needed("node")),
                said.needed("version"),
                said.number("pid"),
                said.word("init", HostStatus.Init.class),
                said.needed("state").equals("already"));
    }

    private static Switched switched(KeyValues said) {
        return new Switched(said.needed("release"), said.needed("state").equals("already"));
    }

    private <T> HostAnswer<T> call(Duration timeout, Function<KeyValues, T> read, String... words)
            throws IOException, InterruptedException {
        return answer(shell.run(SCRIPT, words(words), timeout), read);
    }

    private List<String> words(String... words) {
        List<String> all = place.options();
        all.addAll(List.of(words));
        return all;
    }

    private static <T> HostAnswer<T> answer(HostShell.Result result, Function<KeyValues, T> read) throws IOException {
        if (result.exit() != 0) return refused(result);
        try {
            return new HostAnswer.Done<>(read.apply(KeyValues.of(result.out())));
        } catch (IllegalArgumentException e) {
            throw new IOException("the host's answer makes no sense: " + e.getMessage(), e);
        }
    }

    private static <T> HostAnswer<T> refused(HostShell.Result result) {
        String words = result.err().strip();
        return new HostAnswer.Refused<>(
                Refusal.of(result.exit()),
                words.isEmpty() ? "the host said nothing, and exit status " + result.exit() : words);
    }

    private static String read() {
        try (InputStream in = HostScript.class.getResourceAsStream("host.sh")) {
            if (in == null) throw new IllegalStateException("expected host.sh beside HostScript, but found none");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("cannot read host.sh", e);
        }
    }
}
