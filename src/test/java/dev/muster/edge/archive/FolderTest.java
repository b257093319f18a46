package dev.muster.edge.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderTest {
    @TempDir
    Path root;

    private void file(String name, String text) throws IOException {
        Files.createDirectories(root.resolve(name).getParent());
        Files.writeString(root.resolve(name), text);
    }

    private void git(String... words) throws Exception {
        List<String> command = new java.util.ArrayList<>(
                List.of("git", "-C", root.toString(), "-c", "user.email=a@example.org", "-c", "user.name=a"));
        command.addAll(List.of(words));
        Process git = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(git.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(git.waitFor()).as(said).isZero();
    }

    @Test
    void withoutGitItIsAllButHiddenFoldersAndCaches() throws IOException {
        file("train.py", "1234");
        file("lib/a.py", "");
        file("lib/__pycache__/a.pyc", "");
        file(".venv/b", "");
        file("data/big.h5", "");
        Folder folder = Folder.of(root, List.of("data/**"));
        assertThat(folder.files()).containsExactly("lib/a.py", "train.py");
        assertThat(folder.bytes()).isEqualTo(4);
        assertThat(folder.commit()).isEmpty();
        assertThat(folder.dirty()).isFalse();
    }

    @Test
    void inARepositoryItIsWhatGitKnowsOrDoesNotIgnoreAsItIsNow() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/git")), "there is no git on this machine");
        file(".gitignore", "data/\n");
        file("train.py", "1");
        file("gone.py", "1");
        file("data/big.h5", "1");
        git("init", "-q");
        git("add", "-A");
        git("commit", "-q", "-m", "first");
        assertThat(Folder.of(root, List.of()).dirty()).isFalse();
        Files.delete(root.resolve("gone.py"));
        file("new file.py", "2");
        Folder folder = Folder.of(root, List.of());
        assertThat(folder.files()).containsExactly(".gitignore", "new file.py", "train.py");
        assertThat(folder.commit().orElseThrow()).hasSize(40);
        assertThat(folder.dirty()).isTrue();
    }

    @Test
    void aFolderThatIsNoneIsAnError() {
        assertThatThrownBy(() -> Folder.of(root.resolve("none"), List.of())).hasMessageContaining("expected a folder");
    }
}
