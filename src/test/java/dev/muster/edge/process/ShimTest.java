package dev.muster.edge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.edge.process.LogReader.Chunk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The shim with each shell and set of tools that this machine has.
@Tag("slow")
class ShimTest {
    enum Shell {
        DASH("dash"),
        BASH("bash"),
        BUSYBOX("busybox");

        private final String program;

        Shell(String program) {
            this.program = program;
        }

        /// A path with the tools that the shim may use, and no others.
        String tools(Path temp) throws IOException {
            Path shell = find(program);
            assumeTrue(shell != null, program + " is not installed here");
            Path dir = Files.createDirectories(temp.resolve("tools-" + program));
            Files.createSymbolicLink(dir.resolve("sh"), shell);
            for (String tool :
                    List.of("setsid", "ln", "rm", "mv", "dd", "wc", "cat", "mkfifo", "sleep", "timeout", "sync")) {
                Path target = this == BUSYBOX ? shell : find(tool);
                assumeTrue(target != null, tool + " is not installed here");
                Files.createSymbolicLink(dir.resolve(tool), target);
            }
            return dir.toString();
        }

        private static Path find(String program) {
            return Stream.of("/usr/bin", "/bin", "/usr/sbin", "/sbin")
                    .map(dir -> Path.of(dir, program))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElse(null);
        }
    }

    @TempDir
    Path temp;

    /// JUnit warns of each link that leads out of the directory that it deletes.
    @AfterEach
    void deleteLinks() throws IOException {
        try (Stream<Path> files = Files.find(temp, 2, (file, _) -> Files.isSymbolicLink(file))) {
            for (Path link : files.toList()) {
                Files.delete(link);
            }
        }
    }

    private Attempts attempts(Shell shell) throws IOException {
        return new Attempts(temp, Attempts.QUICK, shell.tools(temp));
    }

    @ParameterizedTest
    @EnumSource
    void ofShimsThatRaceForOneStartExactlyOneStartsIt(Shell shell) throws Exception {
        Tools tools = Tools.install(Files.createDirectories(temp.resolve("agent")), shell.tools(temp));
        Path attempts = Files.createDirectories(temp.resolve("attempts"));
        AttemptDir.Entry entry = new AttemptDir.Entry("a1", "0123", List.of("x"), List.of(), "/", ProcTable.bootId());
        AttemptDir dir = AttemptDir.create(attempts, entry);
        List<String> command = tools.commandLine(
                dir.path(), entry.marker(), Attempts.QUICK, List.of("/bin/sh", "-c", "echo ran >>" + temp + "/ran"));

        List<Process> shims = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            shims.add(new ProcessBuilder(command).redirectErrorStream(true).start());
        }

        int won = 0;
        for (Process shim : shims) {
            won += shim.waitFor() == 0 ? 1 : 0;
        }
        assertThat(won).isEqualTo(1);
        assertThat(temp.resolve("ran")).hasContent("ran");
        assertThat(dir.exit().orElseThrow().code()).isZero();
        assertThat(dir.path()).isDirectoryNotContaining("glob:**claim.*");
    }

    @ParameterizedTest
    @EnumSource
    void theOutputIsWholeAcrossSegments(Shell shell) throws Exception {
        try (Attempts attempts = attempts(shell)) {
            attempts.script("a1", "for ((i = 0; i < 8000; i++)); do echo \"line $i of some output\"; done; exit 9");

            assertThat(attempts.exited("a1").code()).isEqualTo(9);

            String expected = IntStream.range(0, 8000)
                    .mapToObj(i -> "line " + i + " of some output\n")
                    .collect(Collectors.joining());
            assertThat(attempts.log("a1").equals(expected)).as("whole").isTrue();
            assertThat(segments(attempts)).hasSizeGreaterThan(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void oldSegmentsGoAndOffsetsStayTrue(Shell shell) throws Exception {
        try (Attempts attempts = attempts(shell)) {
            int lines = 70_000;
            attempts.script("a1", "for ((i = 100000; i < " + (100_000 + lines) + "; i++)); do echo \"$i\"; done");

            attempts.exited("a1");

            LogReader logs = attempts.supervisor.logs();
            Chunk first = logs.read("a1", 0, 100);
            assertThat(first.end()).isEqualTo(lines * 7L);
            long kept = first.end() - first.offset();
            assertThat(kept)
                    .isBetween(
                            attempts.limits.logCapBytes(),
                            attempts.limits.logCapBytes() + attempts.limits.logSegmentBytes());
            long asked = first.end() - 70;
            assertThat(logs.read("a1", asked, 7)).satisfies(chunk -> {
                assertThat(chunk.offset()).isEqualTo(asked);
                assertThat(new String(chunk.bytes())).isEqualTo((100_000 + lines - 10) + "\n");
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLogThatCannotBeWrittenDropsOutputButNeitherTheJobNorTheRest(Shell shell) throws Exception {
        try (Attempts attempts = attempts(shell)) {
            attempts.script(
                    "a1",
                    "until [ -e go ]; do sleep 0.02; done; dd if=/dev/zero bs=4096 count=32 2>/dev/null; "
                            + "until [ -e freed ]; do sleep 0.02; done; "
                            + "for ((i = 0; i < 120; i++)); do echo after; sleep 0.02; done; exit 4");
            // Whole pages in and out make segments of exactly 64 KiB. A directory in the place of the second refuses
            // writes even to root, as a full disk does.
            Path dir = attempts.files("a1").path();
            Path second = Files.createDirectory(dir.resolve("log.65536"));
            Files.createFile(attempts.work.resolve("go"));
            Eventually.until("output is dropped", () -> Files.exists(dir.resolve("dropped")));
            Files.delete(second);
            Files.createFile(attempts.work.resolve("freed"));

            assertThat(attempts.exited("a1").code()).isEqualTo(4);

            assertThat(attempts.supervisor.logs().read("a1", 0, 10).dropped()).isTrue();
            String log = attempts.log("a1");
            String note = "[muster: output was dropped here, because the log could not be written]\nafter\n";
            assertThat(log.substring(0, 65_536)).isEqualTo("\0".repeat(65_536));
            assertThat(log.substring(65_536)).startsWith(note).endsWith("after\n");
        }
    }

    private static List<Path> segments(Attempts attempts) throws IOException {
        try (Stream<Path> files = Files.list(attempts.files("a1").path())) {
            return files.filter(file -> file.getFileName().toString().startsWith("log."))
                    .toList();
        }
    }
}
