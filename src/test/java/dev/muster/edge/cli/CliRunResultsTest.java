package dev.muster.edge.cli;

import static dev.muster.core.Launches.LESS;
import static dev.muster.core.Launches.gated;
import static dev.muster.core.Launches.stage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Launches;
import dev.muster.core.state.Command;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CliRunResultsTest extends RunHarness {
    private void trained() {
        launched("r1", stage("train"), gated("eval", LESS));
        does("r1", "train", Map.of(), file("model.pt", "weights"), file("logs/metrics.jsonl", "{\"loss\": 1}\n"));
        does("r1", "eval", Map.of("loss", 0.25, "nrmse", 0.01), file("model.pt", "judged"));
        end("r1");
    }

    private Path left(String path) {
        return folder.resolve("out/r1").resolve(path);
    }

    private Result fetch(String... more) {
        String[] words = new String[5 + more.length];
        String[] first = {"run", "results", "r1", "--out", folder.resolve("out").toString()};
        System.arraycopy(first, 0, words, 0, first.length);
        System.arraycopy(more, 0, words, first.length, more.length);
        return run(words);
    }

    @Test
    void whatARunHasLeftIsShown() {
        trained();
        Result result = run("run", "results", "r1");
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEqualTo("""
                STAGE  KIND    PATH                SIZE  SHA-256       COPIES
                train  output  model.pt              7B  %s       3
                train  output  logs/metrics.jsonl   12B  %s       3
                eval   output  model.pt              6B  %s       3

                Results of eval
                  loss: 0.25
                  nrmse: 0.01
                  gate: first: no earlier run to compare it with
                """.formatted(brief("weights"), brief("{\"loss\": 1}\n"), brief("judged")));
        assertThat(json(run("run", "results", "r1", "-o", "json")).list("files"))
                .extracting(file -> file.text("stage") + " " + file.text("path") + " " + file.number("size"))
                .containsExactly("train model.pt 7", "train logs/metrics.jsonl 12", "eval model.pt 6");
        assertThat(run("run", "results", "r1", "--stage", "eval", "-o", "name").out())
                .isEqualTo(sha("judged") + "\n");
    }

    private static String brief(String content) {
        return sha(content).toString().substring(0, 12);
    }

    @Test
    void filesAreFetchedOnceAndNothingIsOverwritten() throws IOException {
        trained();
        assertThat(fetch("--dry-run").out()).contains("would fetch 3 files, 25 bytes");
        assertThat(left("train")).doesNotExist();
        Result all = fetch();
        assertThat(all.err()).isEmpty();
        assertThat(all.out()).contains("fetched 3 files into ", "all verified");
        assertThat(left("train/model.pt")).hasContent("weights");
        assertThat(left("train/logs/metrics.jsonl")).exists();
        assertThat(left("eval/model.pt")).hasContent("judged");
        assertThat(Files.readString(left("summary.json"))).contains("\"stages\"", "\"nrmse\": 0.01");
        assertThat(left("eval/results.json")).hasContent("{\n  \"loss\": 0.25,\n  \"nrmse\": 0.01\n}\n");
        assertThat(left("train/results.json")).doesNotExist();
        Path archive = folder.resolve("archive");
        assertThat(run("run", "archive", "r1", "--to", archive.toString()).err())
                .isEmpty();
        assertThat(archive.resolve("r1/eval/results.json")).isNotEmptyFile();
        Files.delete(left("eval/model.pt"));
        assertThat(fetch().out()).contains("fetched 1 files", "2 were there already");
        Files.writeString(left("train/model.pt"), "wEights");
        Files.delete(left("eval/model.pt"));
        Result other = fetch();
        assertThat(other.exit()).isEqualTo(Exit.ERROR);
        assertThat(other.err()).contains("found other content in ", "model.pt", "nothing was written");
        assertThat(left("train/model.pt")).hasContent("wEights");
        assertThat(left("eval/model.pt")).doesNotExist();
    }

    @Test
    void aDamagedCopyIsNotTaken() throws IOException {
        trained();
        member.files.put(sha("judged"), "jUdged".getBytes(StandardCharsets.UTF_8));
        Result damaged = fetch();
        assertThat(damaged.exit()).isEqualTo(Exit.ERROR);
        assertThat(damaged.err()).contains("expected " + sha("judged") + ", but twice");
        assertThat(left("eval/model.pt")).doesNotExist();
        member.shelf.whole.put(sha("judged"), "judged".getBytes(StandardCharsets.UTF_8));
        assertThat(fetch().exit()).isEqualTo(Exit.DONE);
        assertThat(left("eval/model.pt")).hasContent("judged");
    }

    @Test
    void whatNobodyHoldsIsToldAndTheRestIsFetched() {
        trained();
        Sha256 lost = sha("weights");
        for (String node : List.of("n1", "n2", "gpu1")) member.order(new Command.DropReplica(lost, new NodeId(node)));
        assertThat(run("run", "results", "r1").out()).containsPattern("train +output +model.pt .* none\n");
        Result result = fetch();
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.err()).contains("nobody holds train/model.pt (", "any more", "all else is in ");
        assertThat(left("eval/model.pt")).hasContent("judged");
    }

    @Test
    void copiesAreThoseOfNodesInService() {
        trained();
        member.order(new Command.FenceNode(new NodeId("gpu1")));
        assertThat(run("run", "results", "r1").out()).containsPattern("train +output +model.pt .* 2\n");
        for (String node : List.of("n1", "n2")) member.order(new Command.DropReplica(sha("weights"), new NodeId(node)));
        assertThat(run("run", "results", "r1").out()).containsPattern("train +output +model.pt .* 0\n");
    }

    /// Its node is said to hold it, and does not answer, or has it no more.
    @Test
    void whatCannotBeReadIsToldOnceTheRestIsThere() {
        trained();
        member.files.remove(sha("weights"));
        Result result = fetch();
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.err()).contains("train/model.pt (" + brief("weights") + "): ", "all else is in ");
        assertThat(left("train/model.pt")).doesNotExist();
        assertThat(left("train/logs/metrics.jsonl")).exists();
        assertThat(left("eval/model.pt")).hasContent("judged");
    }

    @Test
    void aRunThatFailedHasLeftWhatItHadSaved() {
        launched("r1", stage("train"), stage("eval"));
        fails("r1", "train", "GPU_MEMORY", file("step.pt", "half"));
        assertThat(run("run", "results", "r1").out()).containsPattern("train +saved +step.pt +4B");
        assertThat(fetch().exit()).isEqualTo(Exit.DONE);
        assertThat(left("train/step.pt")).hasContent("half");
    }

    @Test
    void ofARunThatSucceededAStageIsDoneAnewOnlyWhereItIsNamed() {
        trained();
        Result stop = run("run", "stop", "r1", "--yes");
        assertThat(stop.exit()).isEqualTo(Exit.REFUSED);
        assertThat(stop.err()).contains("it is SUCCEEDED").doesNotContain("run resume");
        assertThat(run("run", "resume", "r1", "--from", "train", "--dry-run").out())
                .contains("train (done anew: what it made (2 files) is dropped)")
                .contains("eval (done anew: what it made (1 file) is dropped)");
        assertThat(run("run", "resume", "r1", "--from", "eval", "--dry-run").out())
                .contains("train (kept), eval (done anew: what it made (1 file) is dropped)");
        Result slip = run("run", "resume", "r1", "--from", "evel", "--yes");
        assertThat(slip.exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(slip.err()).contains("no stage evel in r1; it has train, eval", "did you mean eval?");
    }

    @Test
    void nothingIsNoResult() {
        assertThat(run("run", "results", "r9").exit()).isEqualTo(Exit.NOT_FOUND);
        launched("r1", stage("train"));
        Result open = run("run", "results", "r1");
        assertThat(open.exit()).isEqualTo(Exit.NOT_FINISHED);
        assertThat(open.err()).contains("r1 has left nothing yet: it is in its stage train");
        member.order(Launches.stop("r1"));
        end("r1");
        Result over = run("run", "results", "r1");
        assertThat(over.exit()).isEqualTo(Exit.NOT_FINISHED);
        assertThat(over.err()).contains("r1 has left nothing: STOPPED, enough");
        assertThat(run("run", "results", "r1", "--stage", "evil").err())
                .contains("expected --stage to be train, but found \"evil\"");
        assertThat(run("run", "results", "r1", "--dry-run").exit()).isNotEqualTo(Exit.DONE);
    }
}
