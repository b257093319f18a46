package dev.muster.edge.fleet;

import dev.muster.core.fleet.Sight;
import dev.muster.core.state.NodeId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// A host by its script.
public final class ScriptStation implements Station {
    private final HostScript script;

    public ScriptStation(HostScript script) {
        this.script = script;
    }

    @Override
    public Sight.Reached look() throws IOException, InterruptedException {
        HostProbe probe = done(script.probe());
        HostStatus status = probe.status();
        Sight.Agent agent = switch (status.agent()) {
            case STOPPED -> new Sight.Agent.Stopped();
            case SILENT -> new Sight.Agent.Silent(status.pid().orElse(0L));
            case RUNNING ->
                new Sight.Agent.Running(
                        status.pid().orElse(0L),
                        status.healthNode().map(NodeId::name).orElse(""),
                        status.healthVersion().orElse(""));
        };
        return new Sight.Reached(probe.arch(), status.current(), status.node().map(NodeId::name), agent, probe.unfit());
    }

    @Override
    public void install(Bundle bundle) throws IOException, InterruptedException {
        done(script.install(bundle));
    }

    @Override
    public void found(String node, String token, List<String> arguments) throws IOException, InterruptedException {
        configure(node, "init", token, arguments);
    }

    @Override
    public void enrol(String node, String token, List<String> arguments) throws IOException, InterruptedException {
        configure(node, "enrol", token, arguments);
    }

    private void configure(String node, String how, String token, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(how));
        words.addAll(arguments);
        done(script.configure(new NodeId(node), words, token));
    }

    @Override
    public void secret(String name, String value) throws IOException, InterruptedException {
        done(script.secret(name, value));
    }

    @Override
    public Answering start() throws IOException, InterruptedException {
        return answering(done(script.start()));
    }

    @Override
    public Answering restart() throws IOException, InterruptedException {
        return answering(done(script.restart()));
    }

    private static Answering answering(HostScript.Started started) {
        return new Answering(started.pid(), started.version());
    }

    @Override
    public Answering change(String release) throws IOException, InterruptedException {
        return changed(done(script.switchTo(release)));
    }

    @Override
    public Answering rollback() throws IOException, InterruptedException {
        return changed(done(script.rollback()));
    }

    /// One that did not run is started: it is asked for because it is to run.
    private Answering changed(HostScript.Switched switched) throws IOException, InterruptedException {
        Answering now = start();
        return new Answering(now.pid(), switched.release());
    }

    @Override
    public void stop() throws IOException, InterruptedException {
        done(script.stop());
    }

    @Override
    public String ask(String method, String path, String body) throws IOException, InterruptedException {
        return done(script.ask(method, path, body));
    }

    private static <T> T done(HostAnswer<T> answer) throws IOException {
        return switch (answer) {
            case HostAnswer.Done<T>(T value) -> value;
            case HostAnswer.Refused<T>(HostAnswer.Refusal why, String words) -> throw new IOException(brief(words));
        };
    }

    /// The host's last words may be the end of a log; the first line says what was expected.
    private static String brief(String words) {
        List<String> lines =
                words.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        return String.join(" | ", lines.subList(0, Math.min(4, lines.size())));
    }
}
