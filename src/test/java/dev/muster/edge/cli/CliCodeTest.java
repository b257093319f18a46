package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.edge.local.SshFleet;
import dev.muster.edge.local.SshHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `muster code …` on three hosts with a real sshd and a clone each, and a fourth that is down.
@Tag("slow")
class CliCodeTest extends CliHarness {
    private SshFleet fleet;
    private Path author;
    private Path file;

    @BeforeEach
    void hosts() throws Exception {
        assumeTrue(SshFleet.missing().isEmpty(), () -> SshFleet.missing().orElse(""));
        fleet = SshFleet.start(Files.createTempDirectory(Path.of("/tmp"), "code"));
        git(folder, "init", "-q", "--bare", "-b", "main", "remote.git");
        author = folder.resolve("author");
        git(folder, "clone", "-q", "remote.git", "author");
        git(author, "checkout", "-q", "-b", "main");
        push("one");
        for (String name : List.of("h1", "h2", "h3")) {
            SshHost host = fleet.add(name, SshHost.Trait.PLAIN);
            git(folder, "clone", "-q", "remote.git", code(host).toString());
            git(code(host), "config", "user.email", "ann@localhost");
            git(code(host), "config", "user.name", "ann");
        }
        file = folder.resolve("hosts.yaml");
        Files.writeString(file, fleet.hostFile());
    }

    @AfterEach
    void down() throws Exception {
        if (fleet == null) return;
        Path where = fleet.key().getParent();
        fleet.close();
        try (Stream<Path> all = Files.walk(where)) {
            for (Path one : all.sorted(java.util.Comparator.reverseOrder()).toList()) Files.deleteIfExists(one);
        }
    }

    private static Path code(SshHost host) {
        return host.home().resolve("code");
    }

    private static String git(Path where, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("git", "-c", "user.name=ann", "-c", "user.email=ann@localhost"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .directory(where.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
        return said.strip();
    }

    private void push(String text) throws Exception {
        Files.writeString(author.resolve("train.py"), text);
        git(author, "add", ".");
        git(author, "commit", "-q", "-m", "make it " + text);
        git(author, "push", "-q", "-u", "origin", "main");
    }

    private String content(String host) throws IOException {
        return Files.readString(code(fleet.host(host)).resolve("train.py"));
    }

    private Result code(String... words) {
        return run(Stream.of(
                        List.of("code"),
                        List.of(words),
                        List.of("--file", file.toString(), "--path", "~/code"),
                        List.of("--known-hosts", fleet.known().toString(), "--ssh-config", "/dev/null"))
                .flatMap(List::stream)
                .toArray(String[]::new));
    }

    private static JsonNode json(Result result) {
        return JsonMapper.shared().readTree(result.out());
    }

    @Test
    void whatOnlyOneHostHasIsFoundBeforeTheFirstIsChanged() throws Exception {
        push("two");
        Files.writeString(code(fleet.host("h3")).resolve("train.py"), "tried by hand");

        Result refused = code("sync", "main", "--yes");
        assertThat(refused.exit()).isEqualTo(Exit.REFUSED);
        assertThat(refused.err()).contains("h3 has 1 file changed locally").contains("--stash");
        assertThat(content("h1")).isEqualTo("one");

        Result planned = code("sync", "main", "--stash", "--dry-run", "-o", "json");
        assertThat(planned.exit()).isZero();
        assertThat(json(planned).path("plan").asString()).contains("Check out main on h1, then on 2 more: h2, h3");
        assertThat(content("h1")).isEqualTo("one");

        Result stashed = code("sync", "main", "--stash", "--yes");
        assertThat(stashed.exit()).as(stashed.err()).isZero();
        assertThat(stashed.out())
                .contains("3 of 3 hosts at one commit")
                .containsPattern("h3: .*1 changed files put aside, `git stash pop` there brings them back");
        assertThat(content("h3")).isEqualTo("two");

        Result back = code("rollback", "--yes", "-o", "json");
        assertThat(back.exit()).isZero();
        assertThat(json(back).path("hosts").path(2).path("moved").asBoolean()).isTrue();
        assertThat(content("h2")).isEqualTo("one");
    }

    @Test
    void whoCannotBeLookedAtIsInThePlanAndWhoWasNotBegunIsNotCalledFailed() throws Exception {
        fleet.add("h0", SshHost.Trait.DOWN);
        Files.writeString(file, fleet.hostFile());
        push("two");

        assertThat(code("sync", "--dry-run").out()).contains("\n  h0: ");
        Result halted = code("sync", "--canary", "h0", "--yes");
        assertThat(halted.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(halted.out())
                .contains("- h2: not begun, because h0 failed")
                .endsWith("0 of 4 hosts, 1 failed, 3 not begun\n");
        assertThat(content("h1")).isEqualTo("one");
    }
}
