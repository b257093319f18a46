package dev.muster.edge.fleet;

import dev.muster.core.code.CodeState;
import dev.muster.edge.ssh.HostShell;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// `code.sh` on one host: the working directory of jobs there.
public final class HostCode {
    private static final String SCRIPT = read();
    private static final Duration QUICK = Duration.ofSeconds(60);
    /// A fetch of a repository with large files, over a slow line.
    private static final Duration FETCH = Duration.ofMinutes(10);

    private final HostShell shell;
    private final String path;

    /// What becomes of changes that only this host has.
    public enum Changes {
        /// They are a reason not to begin.
        REFUSE,
        /// `git stash` keeps them.
        STASH,
        /// They are thrown away.
        FORCE;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// @param changed another commit is checked out than before
    /// @param stashed files that were put aside with `git stash`
    public record Moved(boolean changed, int stashed, CodeState now) {}

    /// @param path of the repository, or of a folder in it; may begin with `~`
    public HostCode(HostShell shell, String path) {
        this.shell = shell;
        this.path = path;
    }

    /// @throws IOException what the host, or the way to it, said
    public CodeState status() throws IOException, InterruptedException {
        return state(call(QUICK, "status", path));
    }

    /// @param ref    a branch, tag or commit of the remote
    /// @param commit the very commit; empty for what `ref` names there now
    public Moved sync(String ref, Changes changes, Optional<String> commit) throws IOException, InterruptedException {
        return moved(call(FETCH, "sync", path, ref, changes.word(), commit.orElse("")));
    }

    /// To what was there before the last change of ours, by the host's record.
    public Moved rollback(Changes changes) throws IOException, InterruptedException {
        return moved(call(QUICK, "rollback", path, changes.word()));
    }

    private static Moved moved(KeyValues said) throws IOException {
        boolean changed = said.text("state").filter("already"::equals).isEmpty();
        return new Moved(changed, said.text("stashed").isPresent() ? (int) said.number("stashed") : 0, state(said));
    }

    private static CodeState state(KeyValues said) throws IOException {
        try {
            return new CodeState(
                    said.needed("commit"),
                    said.text("subject").orElse(""),
                    said.text("branch").orElse(""),
                    (int) said.number("changed"),
                    (int) said.number("ahead"),
                    said.text("behind").map(Integer::valueOf),
                    said.text("previous"));
        } catch (IllegalArgumentException e) {
            throw new IOException("the host's answer makes no sense: " + e.getMessage(), e);
        }
    }

    private KeyValues call(Duration timeout, String... words) throws IOException, InterruptedException {
        HostShell.Result result = shell.run(SCRIPT, List.of(words), timeout);
        if (result.exit() == 0) return KeyValues.of(result.out());
        String why = String.join(
                "; ", result.err().strip().lines().map(String::strip).toList());
        throw new IOException(why.isEmpty() ? "the host said nothing, and exit status " + result.exit() : why);
    }

    private static String read() {
        try (InputStream in = HostCode.class.getResourceAsStream("code.sh")) {
            if (in == null) throw new IllegalStateException("expected code.sh beside HostCode, but found none");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("cannot read code.sh", e);
        }
    }
}
