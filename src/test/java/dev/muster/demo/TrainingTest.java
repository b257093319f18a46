package dev.muster.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {
    private final Board board = new Board(4);
    private final Settings settings = Settings.defaults(4);

    private List<Game> games(int count) {
        SelfPlay selfPlay = new SelfPlay(board, null, settings, 11);
        List<Game> games = new ArrayList<>();
        for (int number = 0; number < count; number++) games.add(selfPlay.play(number));
        return games;
    }

    @Test
    void trainingLowersTheLoss() {
        List<Double> losses = new ArrayList<>();
        new Training(board, settings, games(60), 1).run(null, 6, (epoch, loss) -> losses.add(loss));
        assertThat(losses).hasSize(6);
        assertThat(losses.getLast()).isLessThan(losses.getFirst() - 0.1);
    }

    @Test
    void aModelToStartFromIsNotChangedAndStartsBetter() {
        List<Game> games = games(60);
        List<Double> losses = new ArrayList<>();
        Network first = new Training(board, settings, games, 1).run(null, 6, (epoch, loss) -> losses.add(loss));
        float[] before = first.weights().clone();
        new Training(board, settings, games, 2).run(first, 1, (epoch, loss) -> losses.add(loss));
        assertThat(first.weights()).containsExactly(before);
        assertThat(losses.getLast()).isLessThan(losses.getFirst() - 0.1);
    }

    @Test
    void theSameSeedGivesTheSameModel() {
        List<Game> games = games(20);
        float[] once = new Training(board, settings, games, 1)
                .run(null, 2, (epoch, loss) -> {})
                .weights();
        float[] again = new Training(board, settings, games, 1)
                .run(null, 2, (epoch, loss) -> {})
                .weights();
        float[] other = new Training(board, settings, games, 2)
                .run(null, 2, (epoch, loss) -> {})
                .weights();
        assertThat(again).containsExactly(once);
        assertThat(other).isNotEqualTo(once);
    }

    @Test
    void whatIsLearnedHoldsAfterAHalfTurnToo() {
        List<Game> games = games(10);
        Network network = new Training(board, settings, games, 1).run(null, 60, (epoch, loss) -> {});
        double straight = 0;
        double turned = 0;
        for (Game game : games) {
            for (Sample sample : game.samples(board, 1)) {
                straight += network.addGradient(sample, 1, new float[network.weights().length]);
                turned += network.addGradient(sample.halfTurn(board), 1, new float[network.weights().length]);
            }
        }
        assertThat(turned).isLessThan(1.1 * straight);
    }

    @Test
    void gamesOfASeedDifferAndComeAgain() {
        assertThat(games(30)).extracting(Game::moves).doesNotHaveDuplicates();
        assertThat(games(30).getLast().moves()).isEqualTo(games(30).getLast().moves());
    }

    @Test
    void outcomesAlternateAndTheLastMoverHasWon() {
        Game game = games(1).getFirst();
        List<Sample> samples = game.samples(board, 1);
        assertThat(samples.getLast().outcome()).isEqualTo(1);
        for (int ply = 1; ply < samples.size(); ply++) {
            assertThat(samples.get(ply).outcome())
                    .isEqualTo(-samples.get(ply - 1).outcome());
        }
    }

    @Test
    void theResultIsOneGenerationAfterItsNewestGames() {
        Game old = games(1).getFirst();
        Game young = new Game("young", 4, "m", 3, old.moves(), old.visits());
        Network network = new Training(board, settings, List.of(young, old), 1).run(null, 1, (epoch, loss) -> {});
        assertThat(network.generation()).isEqualTo(4);
    }

    @Test
    void withoutGamesThereIsNothingToTrainOn() {
        assertThatThrownBy(() -> new Training(board, settings, List.of(), 1))
                .hasMessage("expected at least one game, found none");
    }

    @Test
    void aModelComesBackFromItsFile(@TempDir Path folder) throws Exception {
        Network network = new Training(board, settings, games(5), 1).run(null, 1, (epoch, loss) -> {});
        Path file = folder.resolve("model.bin");
        Model written = Model.write(network, file);
        Model read = Model.read(file);
        assertThat(read.sha256()).isEqualTo(written.sha256()).hasSize(64);
        assertThat(read.network().weights()).containsExactly(network.weights());
        assertThat(read.network().generation()).isEqualTo(1);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aDamagedModelIsRefused(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("model.bin");
        Model.write(new Training(board, settings, games(1), 1).run(null, 1, (epoch, loss) -> {}), file);
        byte[] whole = Files.readAllBytes(file);
        byte[] changed = whole.clone();
        changed[1000] ^= 1;
        Files.write(file, changed);
        assertThatThrownBy(() -> Model.read(file)).hasMessage(file + " is damaged: its checksum does not fit");
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        assertThatThrownBy(() -> Model.read(file)).hasMessageContaining("is damaged: expected " + whole.length);
        Files.writeString(file, "something else, of more than a header's length");
        assertThatThrownBy(() -> Model.read(file)).hasMessage(file + " is no model of format 1");
        Files.write(file, new byte[3]);
        assertThatThrownBy(() -> Model.read(file)).hasMessage(file + " is no model: 3 bytes");
    }
}
