package dev.muster.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class HexTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    /// Runs one command line, its words separated by blanks; `@` stands for the test's folder.
    private int hex(String line) {
        out.reset();
        err.reset();
        Hex hex = new Hex(
                new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
        return hex.run(
                line.isEmpty() ? new String[0] : line.replace("@", folder + "/").split(" "));
    }

    private void done(String line) {
        assertThat(hex(line)).as("%s%n%s%s", line, out, err).isZero();
    }

    private void refused(String line, String message) {
        assertThat(hex(line)).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("hex: " + message);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    private JsonNode match(int index) throws Exception {
        return new ObjectMapper()
                .readTree(Files.readString(folder.resolve("matches.json")))
                .get("matches")
                .get(index);
    }

    @Test
    void aWrongCommandLineIsAUsageError() throws Exception {
        refused("", "expected a command\nusage: hex COMMAND");
        refused("sing", "unknown command \"sing\"");
        refused("selfplay --board 4 --sed 1", "unknown argument \"--sed\"; this command takes --board --games");
        refused("selfplay --board", "expected a value after --board");
        refused("selfplay --board 4 --board 4", "--board is given twice");
        refused("selfplay --board 9", "expected --board to be a whole number from 3 to 8, found \"9\"");
        refused("selfplay --board x", "expected --board to be a whole number from 3 to 8, found \"x\"");
        refused("selfplay --board 4 --games 0 --seed 1 --out @g.db", "expected --games to be a whole number from 1");
        refused("selfplay --board 4 --seed 1", "expected --out");
        refused("selfplay --board 4 --out @g.db", "expected --seed");
        refused("selfplay --board 4 --seed 1 --out @no/g.db", "expected --out to lie in a folder, found none at");
        refused("selfplay --board 4 --seed 1 --out @", "expected --out to name a file, found a folder");
        refused("train --board 4 --games @no --seed 1 --out @m", "expected --games to name a folder, found none at");
        refused("evaluate --board 4 --candidate @no --seed 1 --out @m", "expected --candidate to name a file");
        refused("compare --board 4 --a random --b random --games 3 --seed 1", "expected --games to be even");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aModelOfAnotherBoardIsAUsageError() {
        done("selfplay --board 3 --games 3 --seed 1 --out @g.db");
        done("train --board 3 --games @ --epochs 1 --seed 1 --out @m.bin");
        refused("show --board 4 --model @m.bin", "expected --model of board 4, found one of board 3");
    }

    @Test
    void whatCannotBeDoneFails() throws Exception {
        assertThat(hex("train --board 4 --games @ --seed 1 --out @m.bin")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("expected games of board 4 in *.db files below");
        Files.writeString(folder.resolve("g.db"), "not a database, not at all");
        assertThat(hex("train --board 4 --games @ --seed 1 --out @m.bin")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("skipped " + folder.resolve("g.db"));
        assertThat(hex("selfplay --board 4 --seed 1 --out @g.db")).isEqualTo(1);
        assertThat(hex("show --board 4 --model @g.db")).isEqualTo(1);
        assertThat(folder.resolve("m.bin")).doesNotExist();
    }

    @Test
    void aResumedFileHoldsTheSameGames() throws Exception {
        done("selfplay --board 4 --games 12 --seed 5 --out @whole.db");
        done("selfplay --board 4 --games 5 --seed 5 --out @parts.db");
        done("selfplay --board 4 --games 12 --seed 5 --out @parts.db");
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("5 of 12 games are there")
                .contains("games 12/12");
        assertThat(GameFile.read(folder.resolve("parts.db")))
                .hasSize(12)
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactlyElementsOf(GameFile.read(folder.resolve("whole.db")));
        done("selfplay --board 4 --games 12 --seed 5 --out @parts.db");
        assertThat(GameFile.read(folder.resolve("parts.db"))).hasSize(12);
    }

    @Test
    void theSameSeedGivesTheSameModelAndMatches() throws Exception {
        for (String run : new String[] {"a", "b"}) {
            Files.createDirectory(folder.resolve(run));
            done("selfplay --board 3 --games 20 --seed 5 --out @%s/g.db".formatted(run));
            done("train --board 3 --games @%s --epochs 2 --seed 6 --out @%s/m.bin".formatted(run, run));
            done("evaluate --board 3 --candidate @%s/m.bin --games 20 --seed 7 --out @%s/e.json".formatted(run, run));
        }
        assertThat(folder.resolve("b/m.bin")).hasSameBinaryContentAs(folder.resolve("a/m.bin"));
        assertThat(folder.resolve("b/e.json")).hasSameTextualContentAs(folder.resolve("a/e.json"));
    }

    @Test
    void aGauntletIsWrittenAsCountsPerPair() throws Exception {
        done("selfplay --board 3 --games 20 --seed 5 --out @g.db");
        done("train --board 3 --games @ --epochs 3 --seed 6 --out @a.bin");
        done("train --board 3 --games @ --epochs 2 --seed 7 --out @b.bin");
        done("evaluate --board 3 --candidate @a.bin --current @b.bin --games 20 --seed 8 --out @matches.json");
        assertThat(match(0).get("player").asString())
                .isEqualTo(Model.read(folder.resolve("a.bin")).sha256());
        assertThat(match(0).get("opponent").asString()).isEqualTo("random");
        assertThat(match(1).get("opponent").asString())
                .isEqualTo(Model.read(folder.resolve("b.bin")).sha256());
        for (int i = 0; i < 2; i++) {
            assertThat(match(i).get("wins").asInt() + match(i).get("losses").asInt())
                    .isEqualTo(20);
            assertThat(match(i).get("draws").asInt()).isZero();
        }
        done("evaluate --board 3 --candidate @a.bin --current @a.bin --games 20 --seed 8 --out @matches.json");
        assertThat(match(1)).isNull();
    }

    @Test
    void comparingRandomWithItselfIsEven() throws Exception {
        done("compare --board 4 --a random --b random --games 2000 --seed 1 --json");
        JsonNode match = new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8));
        assertThat(match.get("win_rate").asDouble()).isBetween(0.45, 0.55);
        done("compare --board 4 --a random --b random --seed 1");
        assertThat(out.toString(StandardCharsets.UTF_8)).matches("\\d+ wins, \\d+ losses, win rate .* %.*\n");
    }

    @Test
    void aGameIsShownAsABoard() {
        done("show --board 3 --model random --seed 2");
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("R1")
                .contains("B2")
                .containsPattern("(red|blue) wins");
    }

    @Test
    @Tag("slow")
    void twoGenerationsLearnToBeatRandomAndEachOther() throws Exception {
        done("selfplay --board 4 --games 600 --seed 1 --out @g1.db");
        done("train --board 4 --games @ --epochs 12 --seed 2 --out @first.bin");
        done("evaluate --board 4 --candidate @first.bin --games 200 --seed 3 --out @matches.json");
        assertThat(match(0).get("wins").asInt()).isGreaterThan(170);
        done("selfplay --board 4 --games 600 --model @first.bin --seed 4 --out @g2.db");
        done("train --board 4 --games @ --epochs 12 --seed 5 --out @second.bin");
        done("evaluate --board 4 --candidate @second.bin --current @first.bin --games 200 --seed 6"
                + " --out @matches.json");
        assertThat(match(0).get("wins").asInt()).isGreaterThan(190);
        assertThat(match(1).get("wins").asInt()).isGreaterThan(120);
    }
}
