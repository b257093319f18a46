package dev.muster.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands as real processes: what a cluster does to them.
@Tag("slow")
class HexProcessTest {
    private static final int GAMES = 2500;

    @TempDir
    Path folder;

    private Process start(String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Hex.class.getName()));
        line.addAll(List.of(arguments));
        return new ProcessBuilder(line).redirectErrorStream(true).start();
    }

    private Process selfplay(String file) throws IOException {
        return start(
                "selfplay", "--board", "5", "--games", "" + GAMES, "--seed", "1", "--out", "" + folder.resolve(file));
    }

    private static String waitFor(Process process, String text) throws IOException {
        BufferedReader lines = process.inputReader();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.contains(text)) return line;
        }
        throw new AssertionError("the process ended without a line with \"" + text + "\"");
    }

    @Test
    void killedSelfplayGoesOnWhereItStopped() throws Exception {
        Path file = folder.resolve("games.db");
        Process killed = selfplay("games.db");
        waitFor(killed, "games are there");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (committed(file) == 0) assertThat(System.nanoTime()).isLessThan(deadline);
        killed.destroyForcibly().waitFor();
        // Opened for writing: a kill in the middle of a commit leaves a journal that has to be rolled back first.
        int left;
        try (GameFile games = GameFile.open(file, 5)) {
            left = games.count();
        }
        assertThat(left).isBetween(1, GAMES - 1);

        Process resumed = selfplay("games.db");
        assertThat(waitFor(resumed, "games are there")).contains(left + " of " + GAMES);
        waitFor(resumed, "done");
        assertThat(resumed.waitFor()).isZero();
        Process whole = selfplay("whole.db");
        waitFor(whole, "done");
        assertThat(whole.waitFor()).isZero();
        assertThat(contents(file)).isEqualTo(contents(folder.resolve("whole.db")));
    }

    private static List<List<Object>> contents(Path file) throws IOException {
        return GameFile.read(file).stream()
                .map(game -> List.<Object>of(game.id(), game.moves(), ByteBuffer.wrap(game.visits())))
                .toList();
    }

    private static int committed(Path file) {
        try {
            return GameFile.read(file).size();
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    void aTerminatedTrainingStopsAtOnceAndLeavesNoModel() throws Exception {
        assertThat(start(
                                "selfplay",
                                "--board",
                                "4",
                                "--games",
                                "200",
                                "--seed",
                                "1",
                                "--out",
                                "" + folder.resolve("g.db"))
                        .waitFor())
                .isZero();
        Path model = folder.resolve("model.bin");
        Process training = start(
                "train",
                "--board",
                "4",
                "--games",
                "" + folder,
                "--epochs",
                "10000",
                "--seed",
                "1",
                "--out",
                "" + model);
        waitFor(training, "epoch 2/");
        training.destroy();
        assertThat(training.waitFor(1, TimeUnit.SECONDS)).isTrue();
        assertThat(training.exitValue()).isEqualTo(143);
        assertThat(model).doesNotExist();
    }
}
