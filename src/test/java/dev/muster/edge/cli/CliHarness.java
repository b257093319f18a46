package dev.muster.edge.cli;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.http.ApiServer;
import dev.muster.edge.http.ApiSettings;
import dev.muster.edge.http.InMemoryMember;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A command line in this process, and a real API server over a cluster in memory.
abstract class CliHarness {
    static final String TOKEN = "the-token";
    static final Sha256 MODEL = new Sha256("ab".repeat(32));
    static final Sha256 OTHER = new Sha256("cd".repeat(32));

    final InMemoryMember member = InMemoryMember.ofFour();
    final Map<String, String> env = new HashMap<>();
    String stdin = "";
    boolean terminal;
    /// What happens before the answer on stdin is read.
    Runnable whileAsked = () -> {};
    Programs programs = Programs.none();
    Consumer<Integer> atPause = times -> {};
    int pausesMax = 200;
    ApiServer server;

    @TempDir
    Path folder;

    @BeforeEach
    void start() {
        server = ApiServer.start(
                new ApiSettings(
                        "127.0.0.1",
                        0,
                        TOKEN,
                        "1.2.3",
                        () -> Soft.Telemetry.UNKNOWN,
                        () -> member.now,
                        ApiSettings.READ_LIMIT),
                member,
                member);
        env.put("MUSTER_NODE", "http://127.0.0.1:" + server.port());
        env.put("MUSTER_TOKEN", TOKEN);
        env.put("HOME", folder.toString());
        env.put("USER", "ann");
        env.put("HOSTNAME", "n1.lan");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    record Result(int exit, String out, String err) {}

    Result run(String... words) {
        return run(new ByteArrayOutputStream(), words);
    }

    Result run(OutputStream sink, String... words) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int[] pauses = {0};
        Shell shell = new Shell(
                new PrintStream(sink, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)) {
                    @Override
                    public int read(byte[] bytes, int offset, int length) {
                        whileAsked.run();
                        return super.read(bytes, offset, length);
                    }
                },
                env,
                () -> terminal,
                () -> member.now,
                duration -> {
                    atPause.accept(pauses[0]++);
                    return pauses[0] < pausesMax;
                },
                programs);
        int exit = new Cli(() -> "1.2.3").run(words, shell);
        return new Result(exit, sink.toString(), err.toString(StandardCharsets.UTF_8));
    }

    // ---- what people mistype

    JobId newest() {
        return member.state().work().jobs().last().orElseThrow();
    }

    Consumer<Integer> endsAs(Attempt.Status status) {
        return times -> {
            if (times == 0) member.start(member.place(newest().toString(), 0, "n2"));
            if (times != 1) return;
            AttemptId attempt = AttemptId.parse(newest() + ".0.1");
            member.finish(attempt, new Attempt.Ending(status, OptionalInt.of(0), List.of(), List.of(), ""));
        };
    }

    int port() {
        String node = env.get("MUSTER_NODE");
        return Integer.parseInt(node.substring(node.lastIndexOf(':') + 1));
    }
}
