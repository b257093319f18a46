package dev.muster.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GameFileTest {
    private final Board board = new Board(3);

    @TempDir
    Path folder;

    private List<Game> games(long seed, int count) {
        SelfPlay selfPlay = new SelfPlay(board, null, Settings.defaults(3), seed);
        List<Game> games = new ArrayList<>();
        for (int number = 0; number < count; number++) games.add(selfPlay.play(number));
        return games;
    }

    private Path write(String name, List<Game> games) throws IOException {
        Path path = folder.resolve(name);
        Files.createDirectories(path.getParent());
        try (GameFile file = GameFile.open(path, 3)) {
            for (Game game : games) file.add(game);
        }
        return path;
    }

    @Test
    void gamesComeBackAsTheyWereWritten() throws IOException {
        List<Game> games = games(1, 9);
        assertThat(GameFile.read(write("games.db", games)))
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactlyElementsOf(games);
    }

    @Test
    void aReopenedFileCountsItsGames() throws IOException {
        Path path = write("games.db", games(1, 4));
        try (GameFile file = GameFile.open(path, 3)) {
            assertThat(file.count()).isEqualTo(4);
        }
    }

    @Test
    void aFileOfAnotherBoardIsRefused() throws IOException {
        Path path = write("games.db", games(1, 1));
        assertThatThrownBy(() -> GameFile.open(path, 4))
                .hasMessage(path + " holds games of board 3, expected board 4; choose another --out");
    }

    @Test
    void aFileThatIsNoDatabaseIsRefused() throws IOException {
        Path path = Files.writeString(folder.resolve("games.db"), "this is no database, it only looks like one");
        assertThatThrownBy(() -> GameFile.open(path, 3)).hasMessageContaining(path + " is no game file");
        assertThatThrownBy(() -> GameFile.read(path)).hasMessageContaining(path + " is no readable game file");
    }

    @Test
    void aFolderGivesEveryGameOnceInOneOrder() throws IOException {
        write("a.db", games(1, 5));
        write("deep/er/b.db", games(1, 8));
        write("deep/c.db", games(2, 3));
        write("deep/c.txt", games(3, 3));
        List<String> complaints = new ArrayList<>();
        GameFolder all = GameFolder.read(folder, board, 100, complaints::add);
        assertThat(all.files()).isEqualTo(3);
        assertThat(all.games())
                .extracting(Game::id)
                .doesNotHaveDuplicates()
                .hasSize(11)
                .isSorted();
        assertThat(complaints).isEmpty();
        assertThat(GameFolder.read(folder, new Board(4), 100, complaints::add).games())
                .isEmpty();
    }

    @Test
    void aDamagedFileIsNamedAndTheOthersAreRead() throws IOException {
        write("good.db", games(1, 5));
        Path torn = write("torn.db", games(2, 60));
        byte[] bytes = Files.readAllBytes(torn);
        Arrays.fill(bytes, 4096, bytes.length, (byte) 0x55);
        Files.write(torn, bytes);
        List<String> complaints = new ArrayList<>();
        assertThat(GameFolder.read(folder, board, 100, complaints::add).games()).hasSize(5);
        assertThat(complaints).singleElement().asString().contains("skipped " + torn);
    }

    @Test
    void aGameThatCannotBeReplayedIsNamedAndLeftOut() throws IOException {
        Game good = games(1, 1).getFirst();
        byte[] visits = new byte[2 * board.cells()];
        Game unfinished = new Game("unfinished", 3, Game.PLAYOUTS, 0, "a1 b2", visits);
        Game twice = new Game("twice", 3, Game.PLAYOUTS, 0, "a1 a1", visits);
        Game elsewhere = new Game("elsewhere", 3, Game.PLAYOUTS, 0, "a1 z9", visits);
        Game torn = new Game("short", 3, Game.PLAYOUTS, 0, good.moves(), visits);
        Path path = write("games.db", List.of(good, unfinished, twice, elsewhere, torn));
        List<String> complaints = new ArrayList<>();
        assertThat(GameFolder.read(folder, board, 100, complaints::add).games())
                .extracting(Game::id)
                .containsExactly(good.id());
        assertThat(complaints).hasSize(4);
        assertThat(complaints.getLast())
                .isEqualTo("skipped game unfinished in " + path + ": expected a winner after the last move");
    }

    @Test
    void theNewestGenerationComesFirstAndOldGamesBeyondTheLimitAreLeftOut() throws IOException {
        List<Game> old = games(1, 5);
        write("a.db", old);
        write(
                "b.db",
                List.of(new Game(
                        "young",
                        3,
                        "m",
                        4,
                        old.getFirst().moves(),
                        old.getFirst().visits())));
        assertThat(GameFolder.read(folder, board, 3, text -> {}).games())
                .extracting(Game::id)
                .containsExactly("young", old.get(0).id(), old.get(1).id());
    }
}
