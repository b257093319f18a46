package dev.muster.edge.cli;

import static dev.muster.core.Launches.finish;
import static dev.muster.core.Launches.launch;

import dev.muster.core.Launches;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.edge.view.Doc;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A command line, and a cluster whose runs do what a test says.
abstract class RunHarness extends CliHarness {
    static Doc json(Result result) {
        return Doc.json(result.out().getBytes(StandardCharsets.UTF_8));
    }

    static Sha256 sha(String content) {
        try {
            byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
            return new Sha256(HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /// A file that the cluster holds on two nodes, and on the one whose stage leaves it.
    Attempt.Stored file(String path, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        Sha256 sha = sha(content);
        member.files.put(sha, bytes);
        for (String node : List.of("n1", "n2"))
            member.order(new Command.PutArtifact(
                    sha, bytes.length, path, ArtifactKind.OTHER, Optional.empty(), new NodeId(node)));
        return new Attempt.Stored(path, sha, bytes.length);
    }

    void launched(String run, RunSpec.Stage... stages) {
        member.order(launch(run, Launches.spec(stages)));
    }

    /// The stage is run on n2 for two minutes, with that outcome.
    void does(String run, String stage, Map<String, Double> results, Attempt.Stored... left) {
        AttemptId attempt = begin(run, stage);
        Table<String, Double> numbers = Table.empty();
        for (Map.Entry<String, Double> one : results.entrySet()) numbers = numbers.with(one.getKey(), one.getValue());
        member.finish(
                attempt,
                new Attempt.Ending(
                        Attempt.Status.SUCCEEDED,
                        OptionalInt.of(0),
                        List.of(left),
                        List.of(),
                        "exit 0",
                        false,
                        numbers,
                        ""));
        member.order(finish(run, stage));
    }

    /// Its task has no tries left, and what it had saved stays.
    void fails(String run, String stage, String kind, Attempt.Stored... saved) {
        AttemptId attempt = begin(run, stage);
        member.order(new Command.SaveProgress(
                attempt, member.state().work().attempts().require(attempt).token(), 1, List.of(saved), List.of()));
        for (int tries = 1; ; tries++) {
            member.finish(
                    attempt,
                    new Attempt.Ending(
                            Attempt.Status.FAILED,
                            OptionalInt.of(1),
                            List.of(),
                            List.of(),
                            "exit 1",
                            false,
                            Table.empty(),
                            kind));
            if (tries == 2) break;
            member.now = member.now.plusSeconds(60);
            attempt = member.place(newest().toString(), 0, "gpu1");
            member.start(attempt);
        }
        member.order(finish(run, stage));
        end(run);
    }

    AttemptId begin(String run, String stage) {
        member.order(Launches.start(run, stage));
        AttemptId attempt = member.place(newest().toString(), 0, "gpu1");
        member.start(attempt);
        member.now = member.now.plusSeconds(120);
        return attempt;
    }

    void end(String run) {
        member.order(Launches.end(run));
    }
}
