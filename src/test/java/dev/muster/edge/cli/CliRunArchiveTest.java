package dev.muster.edge.cli;

import static dev.muster.core.Launches.finish;
import static dev.muster.core.Launches.stage;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CliRunArchiveTest extends RunHarness {
    /// Speaks what we say of rclone's command line; its remote is a folder. `$FAULT` is what goes wrong.
    private static final String STAND_IN = """
            #!/bin/sh
            echo "$@" >> "$ROOT/said"
            verb=$1; shift
            download=no
            while [ "${1#--}" != "$1" ]; do [ "$1" = --download ] && download=yes; shift; done
            target="$ROOT/${2#*:}"
            case $verb in
              copy)
                [ "$FAULT" = copy ] && { echo "ERROR: didn't find section in config file" >&2; exit 1; }
                mkdir -p "$target" && cp -r "$1"/. "$target"
                [ "$FAULT" = damage ] && echo x >> "$target/train/model.pt"
                exit 0 ;;
              check)
                [ "$FAULT" = hashless ] && [ $download = no ] && { echo "NOTICE: 5 hashes could not be checked" >&2; exit 0; }
                diff -r "$1" "$target" >&2 && exit 0
                echo "ERROR: 1 differences found" >&2; exit 1 ;;
            esac
            exit 2
            """;

    private Path root;

    @BeforeEach
    void trained() throws IOException {
        root = Files.createDirectories(folder.resolve("remote"));
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path script = Files.writeString(bin.resolve("rclone"), STAND_IN);
        assertThat(script.toFile().setExecutable(true)).isTrue();
        env.put("PATH", bin + ":/usr/bin:/bin");
        env.put("ROOT", root.toString());
        launched("r1", stage("train"));
        does(
                "r1",
                "train",
                Map.of("loss", 0.5),
                file("model.pt", "weights"),
                file("m.jsonl", "{\"loss\":1}\n{\"loss\":2}\n"));
    }

    private Result archive(String to, String... more) {
        return run(Stream.concat(Stream.of("run", "archive", "r1", "--to", to), Stream.of(more))
                .toArray(String[]::new));
    }

    private static List<String> below(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(Files::isRegularFile)
                    .map(path -> folder.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    private static final String[] ALL = {
        "SHA256SUMS",
        "r1_analysis.html",
        "r1_analysis.md",
        "summary.json",
        "train/m.jsonl",
        "train/model.pt",
        "train/results.json"
    };

    @Test
    void allOfItLiesInAFolder() throws IOException {
        assertThat(archive("nowhere").err()).contains("expected r1 to be over, but it is in its stage");
        end("r1");
        Path to = folder.resolve("archive/runs");
        assertThat(archive(to.toString(), "--dry-run").out()).contains("would fetch 2 files");
        assertThat(to).doesNotExist();
        Result result = archive(to.toString());
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("archived r1 in " + to + "/r1: 2 files", "the cluster may forget it");
        assertThat(below(to.resolve("r1"))).containsExactly(ALL);
        assertThat(Files.readString(to.resolve("r1/SHA256SUMS"))).contains(sha("weights") + "  train/model.pt\n");
        assertThat(archive(to.toString()).exit()).as("again").isEqualTo(Exit.DONE);
        Files.writeString(to.resolve("r1/train/model.pt"), "other");
        assertThat(archive(to.toString()).err()).contains("found other content in ");
    }

    /// At the same path, then and at its end.
    @Test
    void anOutputThatWasSavedOnItsWayIsArchivedOnce() throws IOException {
        end("r1");
        launched("r2", stage("train"));
        AttemptId attempt = begin("r2", "train");
        List<Attempt.Stored> saved = List.of(file("checkpoints/op.npz", "older"), file("steps/1.npz", "one"));
        member.order(new Command.SaveProgress(
                attempt, member.state().work().attempts().require(attempt).token(), 1, saved, List.of()));
        done("r2", attempt, file("checkpoints/op.npz", "last"));
        Path to = folder.resolve("new/runs");
        Result result = run("run", "archive", "r2", "--to", to.toString());
        assertThat(result.err()).isEmpty();
        assertThat(to.resolve("r2/train/checkpoints/op.npz")).hasContent("last");
        assertThat(to.resolve("r2/train/steps/1.npz")).hasContent("one");
        assertThat(Files.readAllLines(to.resolve("r2/SHA256SUMS"))).hasSize(2);
    }

    private void done(String run, AttemptId attempt, Attempt.Stored... left) {
        member.finish(
                attempt,
                new Attempt.Ending(
                        Attempt.Status.SUCCEEDED,
                        OptionalInt.of(0),
                        List.of(left),
                        List.of(),
                        "exit 0",
                        false,
                        Table.empty(),
                        ""));
        member.order(finish(run, "train"));
        end(run);
    }

    @Test
    void whatIsLostIsNotArchivedInPart() {
        end("r1");
        for (String node : List.of("n1", "n2", "gpu1"))
            member.order(new Command.DropReplica(sha("weights"), new NodeId(node)));
        Result result = archive(folder.resolve("a").toString());
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.err()).contains("nobody holds train/model.pt (", "any more; nothing was archived");
        assertThat(folder.resolve("a")).doesNotExist();
    }

    @Test
    void whatCannotBeReadIsNotArchivedInPartEither() throws IOException {
        end("r1");
        Path own = Files.createDirectories(folder.resolve("a/r1"));
        Files.writeString(own.resolve("notes.txt"), "mine");
        member.files.remove(sha("weights"));
        Result result = archive(folder.resolve("a").toString());
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.err()).contains("train/model.pt (", "nothing was archived");
        assertThat(below(folder.resolve("a"))).containsExactly("r1/notes.txt");
    }

    @Test
    void aRemoteIsCopiedToAndChecked() throws IOException {
        end("r1");
        Result result = archive("cold:muster/runs");
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("archived r1 in cold:muster/runs/r1: 2 files");
        assertThat(below(root.resolve("muster/runs/r1"))).containsExactly(ALL);
        assertThat(Files.readAllLines(root.resolve("said")))
                .hasSize(2)
                .last()
                .asString()
                .startsWith("check --one-way ")
                .endsWith(" cold:muster/runs/r1");
        env.put("FAULT", "hashless");
        assertThat(archive("cold:").exit()).isEqualTo(Exit.DONE);
        assertThat(Files.readAllLines(root.resolve("said")))
                .last()
                .asString()
                .startsWith("check --one-way --download ");
    }

    @Test
    void aRemoteThatFailsIsTold() {
        end("r1");
        env.put("FAULT", "copy");
        assertThat(archive("cold:runs").err())
                .contains("rclone copy to cold:runs/r1 ended with 1: ERROR: didn't find section", "rclone listremotes");
        env.put("FAULT", "damage");
        Result damaged = archive("cold:runs");
        assertThat(damaged.exit()).isEqualTo(Exit.ERROR);
        assertThat(damaged.err()).contains("rclone check to cold:runs/r1 ended with 1", "1 differences found");
        env.put("PATH", folder.toString());
        assertThat(archive("cold:runs").err()).contains("expected the program rclone", "rclone config");
    }

    @Test
    void withRcloneItself() throws IOException {
        real("[cold]\ntype = local\n");
        end("r1");
        Result result = archive("cold:" + root);
        assertThat(result.err()).isEmpty();
        assertThat(below(root.resolve("r1"))).containsExactly(ALL);
        assertThat(archive("warm:" + root).err())
                .contains("rclone copy to warm:", "didn't find section in config file");
    }

    private void real(String config) throws IOException {
        Optional<Path> real = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(place -> Path.of(place, "rclone"))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(real.isPresent(), "no rclone here");
        env.put("PATH", real.get().getParent().toString());
        env.put(
                "RCLONE_CONFIG",
                Files.writeString(folder.resolve("rclone.conf"), config).toString());
    }

    @Test
    void intoABucketWithRcloneItself() throws IOException {
        try (FakeS3 s3 = new FakeS3()) {
            String remote = "type = s3\nprovider = Other\nsecret_access_key = x\nforce_path_style = true\nendpoint = "
                    + s3.endpoint() + "\n";
            real("[cold]\naccess_key_id = " + FakeS3.KEY + "\n" + remote + "[other]\naccess_key_id = wrong\n" + remote);
            env.put("RCLONE_LOW_LEVEL_RETRIES", "1");
            env.put("AWS_CA_BUNDLE", ""); // of whoever runs the test
            env.put("RCLONE_RETRIES", "1");
            end("r1");
            Result result = archive("cold:muster/runs");
            assertThat(result.err()).isEmpty();
            assertThat(result.out()).contains("archived r1 in cold:muster/runs/r1: 2 files");
            assertThat(s3.objects.keySet().stream()
                            .map(key -> key.substring("muster/runs/r1/".length()))
                            .sorted())
                    .containsExactly(ALL);
            assertThat(s3.objects.get("muster/runs/r1/train/model.pt"))
                    .asString()
                    .isEqualTo("weights");
            Result denied = archive("other:muster/runs");
            assertThat(denied.exit()).isEqualTo(Exit.ERROR);
            assertThat(denied.err()).contains("rclone copy to other:muster/runs/r1 ended with");
        }
    }
}
