package dev.muster.edge.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.core.code.CodeState;
import dev.muster.edge.fleet.HostCode.Changes;
import dev.muster.edge.ssh.LocalShell;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A remote, somebody who pushes to it, and a host's working directory: real git.
@Tag("slow")
class HostCodeTest {
    @TempDir
    Path folder;

    private Path author;
    private Path host;
    private HostCode code;

    @BeforeEach
    void cloned() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/git")), "git is not installed");
        git(folder, "init", "-q", "--bare", "-b", "main", "remote.git");
        author = folder.resolve("author");
        git(folder, "clone", "-q", "remote.git", "author");
        git(author, "checkout", "-q", "-b", "main");
        commit("one");
        git(author, "push", "-q", "-u", "origin", "main");
        host = folder.resolve("home/ai service");
        Files.createDirectories(host.getParent());
        git(folder, "clone", "-q", "remote.git", host.toString());
        code = new HostCode(
                new LocalShell(folder, Map.of("HOME", folder.resolve("home").toString(), "GIT_CONFIG_NOSYSTEM", "1")),
                "~/ai service");
    }

    private String git(Path where, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "git", "-c", "user.name=ann", "-c", "user.email=ann@localhost", "-c", "init.defaultBranch=main"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .directory(where.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
        return said.strip();
    }

    /// @return its SHA
    private String commit(String text) throws Exception {
        Files.writeString(author.resolve("train.py"), text);
        git(author, "add", ".");
        git(author, "commit", "-q", "-m", "make it = " + text);
        return git(author, "rev-parse", "HEAD");
    }

    private String pushed(String text) throws Exception {
        String sha = commit(text);
        git(author, "push", "-q");
        return sha;
    }

    private String content() throws IOException {
        return Files.readString(host.resolve("train.py"));
    }

    @Test
    void aHostGoesToWhatTheRemoteHasAndStaysOnItsBranch() throws Exception {
        String first = git(host, "rev-parse", "HEAD");
        String second = pushed("two");

        HostCode.Moved moved = code.sync("main", Changes.REFUSE, Optional.empty());
        assertThat(moved.changed()).isTrue();
        assertThat(moved.now())
                .isEqualTo(new CodeState(second, "make it = two", "main", 0, 0, Optional.of(0), Optional.of(first)));
        assertThat(content()).isEqualTo("two");
        assertThat(code.sync("main", Changes.REFUSE, Optional.empty()).changed())
                .isFalse();
    }

    @Test
    void theOthersTakeTheCanarysCommitWhateverTheBranchHasByThen() throws Exception {
        String second = pushed("two");
        pushed("three");

        CodeState now = code.sync("main", Changes.REFUSE, Optional.of(second)).now();
        assertThat(now.commit()).isEqualTo(second);
        assertThat(now.branch()).isEqualTo("main");
        assertThat(now.behind()).contains(1);
    }

    @Test
    void rollbackGoesByTheRecordAndNotByTheParent() throws Exception {
        String first = git(host, "rev-parse", "HEAD");
        pushed("two");
        String third = pushed("three");
        code.sync("main", Changes.REFUSE, Optional.empty());
        String fourth = pushed("four");
        code.sync("main", Changes.REFUSE, Optional.empty());
        assertThat(code.status().commit()).isEqualTo(fourth);

        assertThat(code.rollback(Changes.REFUSE).now().commit()).isEqualTo(third);
        CodeState back = code.rollback(Changes.REFUSE).now();
        assertThat(back.commit()).isEqualTo(first);
        assertThat(back.branch()).isEqualTo("main");
        assertThat(content()).isEqualTo("one");
        assertThatThrownBy(() -> code.rollback(Changes.REFUSE)).hasMessageContaining("each was taken back");
    }

    @Test
    void localChangesAreNeitherLostNorInTheWayUnlessSomebodySaysSo() throws Exception {
        String first = git(host, "rev-parse", "HEAD");
        String second = pushed("two");
        Files.writeString(host.resolve("train.py"), "tried by hand");
        assertThat(code.status().changed()).isEqualTo(1);

        assertThatThrownBy(() -> code.sync("main", Changes.REFUSE, Optional.empty()))
                .hasMessageContaining("expected no local changes, but found 1")
                .hasMessageContaining("train.py")
                .hasMessageContaining("--stash");
        assertThat(content()).isEqualTo("tried by hand");
        assertThat(code.status().commit()).isEqualTo(first);

        git(host, "config", "user.email", "ann@localhost");
        git(host, "config", "user.name", "ann");
        HostCode.Moved moved = code.sync("main", Changes.STASH, Optional.empty());
        assertThat(moved.now().commit()).isEqualTo(second);
        assertThat(moved.stashed()).isEqualTo(1);
        assertThat(git(host, "stash", "list")).contains("muster");

        Files.writeString(host.resolve("train.py"), "again");
        pushed("three");
        code.sync("main", Changes.FORCE, Optional.empty());
        assertThat(content()).isEqualTo("three");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileThatTheNewCommitWouldOverwriteIsNotLost(boolean ignored) throws Exception {
        String first = git(host, "rev-parse", "HEAD");
        Files.writeString(host.resolve("games.db"), "played here");
        if (ignored) Files.writeString(host.resolve(".git/info/exclude"), "games.db\n");
        Files.writeString(author.resolve("games.db"), "the remote's");
        String second = pushed("two");
        for (Changes changes : List.of(Changes.REFUSE, Changes.STASH)) {
            assertThatThrownBy(() -> code.sync("main", changes, Optional.empty()))
                    .hasMessageContaining("expected no file in the way of the new commit's, but found 1")
                    .hasMessageContaining("games.db")
                    .hasMessageContaining("--force");
            assertThat(host.resolve("games.db")).hasContent("played here");
            assertThat(code.status().commit()).isEqualTo(first);
        }
        assertThat(code.sync("main", Changes.FORCE, Optional.empty()).now().commit())
                .isEqualTo(second);
        assertThat(host.resolve("games.db")).hasContent("the remote's");
    }

    @Test
    void commitsThatOnlyTheHostHasAreNotLeftBehind() throws Exception {
        Files.writeString(host.resolve("own.py"), "mine");
        git(host, "add", ".");
        git(host, "commit", "-q", "-m", "mine");
        pushed("two");
        assertThat(code.status().ahead()).isEqualTo(1);
        assertThatThrownBy(() -> code.sync("main", Changes.STASH, Optional.empty()))
                .hasMessageContaining("1 commits that no remote has");
        String mine = git(host, "rev-parse", "HEAD");
        code.sync("main", Changes.FORCE, Optional.empty());
        assertThat(code.status().previous()).as("the record still knows them").contains(mine);
    }

    @Test
    void whatCannotBeIsSaidInTheHostsOwnWords() throws Exception {
        assertThatThrownBy(() -> code.sync("no-such", Changes.REFUSE, Optional.empty()))
                .hasMessageContaining("no such branch, tag or commit");
        assertThatThrownBy(() -> code.sync("--upload-pack=x", Changes.REFUSE, Optional.empty()))
                .hasMessageContaining("expected a branch");
        Files.move(folder.resolve("remote.git"), folder.resolve("gone.git"));
        assertThatThrownBy(() -> code.sync("main", Changes.REFUSE, Optional.empty()))
                .hasMessageContaining("cannot fetch from origin");
        assertThatThrownBy(() -> new HostCode(new LocalShell(), "/nowhere/at/all").status())
                .hasMessageContaining("expected a directory");
        assertThatThrownBy(() -> new HostCode(new LocalShell(), folder.toString()).status())
                .hasMessageContaining("found none");
    }
}
