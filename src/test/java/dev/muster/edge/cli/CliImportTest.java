package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Command;
import dev.muster.core.state.Desired;
import dev.muster.core.state.NodeId;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `muster node import`, `node add`, and `--file` of the orders about a node. The cluster has the voters n1, n2 and n3, and
/// gpu1.
class CliImportTest extends CliHarness {
    private Path file;

    @BeforeEach
    void file() throws IOException {
        file = folder.resolve("hosts.yaml");
        says("n1: ready", "n2: ready", "n3: ready", "gpu1: ready");
    }

    /// A file of hosts; `name: status` each.
    private void says(String... hosts) throws IOException {
        StringBuilder text = new StringBuilder("# Ours.\np2p_voters: [n1, n2, n3]\nhosts:\n");
        for (String host : hosts) {
            String[] parts = host.split(": ");
            text.append("  ").append(parts[0]).append(":  # ").append(parts[0]);
            text.append("\n    ssh_host: 198.51.100.9\n    ssh_port: ").append(2000 + text.length());
            text.append("\n    status: ").append(parts[1]).append("  # as it is\n");
        }
        Files.writeString(file, text);
    }

    private Result imported(String... options) {
        return run(Stream.concat(Stream.of("node", "import", file.toString()), Stream.of(options))
                .toArray(String[]::new));
    }

    private Desired desired(String name) {
        return member.state().fleet().desired(new NodeId(name)).orElse(null);
    }

    private List<String> backups() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(one -> one.getFileName().toString())
                    .filter(name -> name.contains(".bak-"))
                    .toList();
        }
    }

    @Test
    void aPlanIsShownAndNothingIsDone() throws IOException {
        says("n1: offline", "gpu1: maintenance", "new: ready", "n2: ready", "n3: ready");
        Result result = imported("--dry-run");
        assertThat(result.exit()).isZero();
        assertThat(result.out()).isEqualTo("""
                NODE  CHANGE   FROM   TO        WHY
                n1    updated  ready  ready     joined without a declaration; declared from now on
                gpu1  drained  ready  draining  the file says maintenance; it is heard
                new   added    -      ready     the file says ready
                n2    updated  ready  ready     joined without a declaration; declared from now on
                n3    updated  ready  ready     joined without a declaration; declared from now on

                left alone: n1: the file says offline, which is what somebody saw; it is heard and stays READY
                1 problem in the file; `muster doctor --file %s` lists them
                1 added, 3 updated, 1 drained; 1 of 4 in service go out of it
                """.formatted(file));
        assertThat(desired("gpu1")).isEqualTo(Desired.READY);
        assertThat(desired("new")).isNull();
    }

    @Test
    void whatChangesNobodysServiceIsNotAsked() {
        assertThat(imported().exit()).isZero();
        assertThat(member.state().fleet().declared().size()).isEqualTo(4);
        assertThat(imported().out()).endsWith("nothing changes\n");
        assertThat(member.state()
                        .journal()
                        .audit()
                        .last()
                        .map(last ->
                                member.state().journal().audit().require(last).order()))
                .contains("IMPORT_NODES");
    }

    @Test
    void whoeverGoesOutOfServiceIsAskedFor() throws IOException {
        says("n1: ready", "n2: ready", "n3: ready", "gpu1: retired");
        Result unattended = imported();
        assertThat(unattended.exit()).isEqualTo(Exit.USAGE);
        assertThat(unattended.err()).contains("gpu1  retired").contains("expected --yes");
        terminal = true;
        stdin = "n\n";
        assertThat(imported().exit()).isEqualTo(Exit.ERROR);
        assertThat(desired("gpu1")).isEqualTo(Desired.READY);
        assertThat(imported("--yes").exit()).isZero();
        assertThat(desired("gpu1")).isEqualTo(Desired.RETIRED);
    }

    @Test
    void aMassChangeTakesItsNumber() throws IOException {
        says("n1: retired", "n2: retired", "n3: retired", "gpu1: retired");
        Result yes = imported("--yes");
        assertThat(yes.exit()).isEqualTo(Exit.REFUSED);
        assertThat(yes.err())
                .contains("brake: 4 of 4 nodes would go out of service, and no more than 1 may at once; 3 voters")
                .contains("nothing was done");
        assertThat(imported("--override-brake", "3").err()).contains("expected --override-brake 4, but found 3");
        assertThat(imported("--override-brake", "x").exit()).isEqualTo(Exit.USAGE);
        terminal = true;
        stdin = "yes\n";
        assertThat(imported("--yes").exit()).isEqualTo(Exit.REFUSED);
        assertThat(desired("gpu1")).isEqualTo(Desired.READY);
        stdin = "4\n";
        Result typed = imported();
        assertThat(typed.exit()).isZero();
        assertThat(typed.err()).contains("Type the number of nodes that are to go out of service: ");
        assertThat(desired("gpu1")).isEqualTo(Desired.RETIRED);
        assertThat(desired("n1")).as("a voter is drained only").isEqualTo(Desired.DRAINING);
    }

    @Test
    void programsGetTheBrakeAsAnError() throws IOException {
        says("n1: retired", "n2: retired", "n3: ready", "gpu1: ready");
        Result result = imported("--yes", "--json");
        assertThat(result.exit()).isEqualTo(Exit.REFUSED);
        assertThat(Doc.json(result.err().getBytes(StandardCharsets.UTF_8)).text("code"))
                .isEqualTo("BRAKED");
        Doc plan = Doc.json(imported("--dry-run", "--json").out().getBytes(StandardCharsets.UTF_8));
        assertThat(plan.get("brake").flag("stops")).isTrue();
        assertThat(plan.get("brake").list("voters")).hasSize(2);
    }

    /// What was shown is what is done.
    @Test
    void aClusterThatHasChangedMeanwhileIsPlannedAnew() throws IOException {
        says("n1: ready", "n2: ready", "n3: ready", "gpu1: retired");
        terminal = true;
        stdin = "y\n";
        whileAsked = () -> member.order(new Command.DrainNode(new NodeId("gpu1")));
        Result result = imported();
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.err()).contains("would do something else now");
        assertThat(desired("gpu1")).isEqualTo(Desired.DRAINING);
    }

    @Test
    void theSameRequestIsDoneOnce() throws IOException {
        says("n1: ready", "n2: ready", "n3: ready", "gpu1: retired");
        assertThat(imported("--yes", "--request-id", "r1").exit()).isZero();
        long revision = member.state().revision();
        assertThat(imported("--yes", "--request-id", "r1").exit()).isZero();
        assertThat(member.state().revision()).isEqualTo(revision);
    }

    @Test
    void whoVotesIsToldAndNotChanged() throws IOException {
        says("n1: ready", "n2: ready", "n3: ready", "gpu1: ready");
        Files.writeString(file, Files.readString(file).replace("[n1, n2, n3]", "[n1, n2, gpu1]"));
        String out = imported("--dry-run").out();
        assertThat(out)
                .contains("voters: the file names gpu1, n1, n2, and the cluster has n1, n2, n3")
                .contains("`muster voter add gpu1` once it has joined")
                .contains("`muster voter remove n3`");
    }

    @Test
    void aFileWithProblemsIsToldWhole() throws IOException {
        Files.writeString(file, "hosts:\n  a: 3\n  b: [1]\n");
        Result result = imported();
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err()).contains("2 problems");
    }

    @Test
    void aMachineIsDeclaredListedAndForgotten() throws IOException {
        Result added = run("node", "add", "new", "--role", "training", "--instance", "vast:17");
        assertThat(added.exit()).isZero();
        assertThat(run("node", "list").out()).contains("new   training  ready,not joined");
        assertThat(run("node", "show", "new").err()).contains("only declared, ready");
        assertThat(run("node", "retire", "new", "--yes").exit()).isZero();
        assertThat(run("node", "list").out()).contains("retired,not joined");
        assertThat(run("node", "add", "gpu1").exit()).isEqualTo(Exit.ERROR);
        assertThat(run("node", "add", "new2", "--role", "cook").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("node", "add", "new2", "--host", "h").err()).contains("--file");
        assertThat(run("node", "remove", "new", "--dry-run").out()).contains("declared, never joined");
        assertThat(run("node", "remove", "new", "--yes").exit()).isZero();
        assertThat(run("node", "remove", "new", "--yes").exit()).isEqualTo(Exit.NOT_FOUND);
    }

    @Test
    void theFileFollowsTheCluster() throws IOException {
        String before = Files.readString(file);
        Result drained = run("node", "drain", "gpu1", "--file", file.toString());
        assertThat(drained.exit()).isZero();
        assertThat(drained.out())
                .isEqualTo("gpu1 takes no new work\n" + file + " is written; as it was: " + file
                        + ".bak-20260301T120000Z\n");
        assertThat(Files.readString(file)).isEqualTo(lastStatus(before, "maintenance"));
        assertThat(run("node", "drain", "gpu1", "-f", file.toString()).out()).contains("says so already");
        assertThat(run("node", "undrain", "gpu1", "--file", file.toString()).exit())
                .isZero();
        assertThat(Files.readString(file)).isEqualTo(before);
        assertThat(run("node", "retire", "gpu1", "--yes", "--file", file.toString())
                        .exit())
                .isZero();
        assertThat(Files.readString(file)).isEqualTo(lastStatus(before, "retired"));
        assertThat(run("node", "remove", "gpu1", "--yes", "--file", file.toString())
                        .exit())
                .isZero();
        assertThat(Files.readString(file)).isEqualTo(before.replaceFirst("(?s)  gpu1:.*", ""));
        run("node", "add", "gpu2", "--host", "h.example", "--port", "2222", "--file", file.toString());
        assertThat(Files.readString(file))
                .endsWith("  gpu2:\n    ssh_host: h.example\n    ssh_port: 2222\n    status: ready\n");
        assertThat(backups()).hasSize(5);
    }

    private static String lastStatus(String text, String word) {
        int at = text.lastIndexOf("status: ready");
        return text.substring(0, at) + "status: " + word + text.substring(at + "status: ready".length());
    }

    @Test
    void whatTheClusterRefusesIsWrittenNowhere() throws IOException {
        String before = Files.readString(file);
        assertThat(run("node", "retire", "n1", "--yes", "--file", file.toString())
                        .exit())
                .isEqualTo(Exit.REFUSED);
        env.put("MUSTER_NODE", "http://127.0.0.1:1");
        assertThat(run("node", "drain", "gpu1", "--file", file.toString()).exit())
                .isEqualTo(Exit.ERROR);
        assertThat(Files.readString(file)).isEqualTo(before);
        assertThat(backups()).isEmpty();
    }

    @Test
    void whatCannotBeWrittenIsToldBeforeTheClusterIsAsked() throws IOException {
        says("n1: ready");
        Result result = run("node", "drain", "gpu1", "--file", file.toString());
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err()).contains("expected a host gpu1, but there is none");
        assertThat(desired("gpu1")).isEqualTo(Desired.READY);
    }

    @Test
    void aFileThatChangedMeanwhileIsLeftAndTheClusterStays() throws IOException {
        terminal = true;
        stdin = "y\n";
        String[] other = {""};
        whileAsked = () -> {
            try {
                other[0] = "# mine\n" + Files.readString(file).replace("# mine\n", "");
                Files.writeString(file, other[0]);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        };
        Result result = run("node", "retire", "gpu1", "--file", file.toString());
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.err()).contains("the cluster has taken the order").contains("status: retired");
        assertThat(desired("gpu1")).isEqualTo(Desired.RETIRED);
        assertThat(file).hasContent(other[0]);
    }
}
