package dev.muster.edge.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.edge.training.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitsTest {
    @TempDir
    Path folder;

    private void files(String... names) throws IOException {
        for (String name : names) Files.writeString(folder.resolve(name), name);
    }

    private Splits find(String... splits) throws IOException {
        return Splits.find(folder, List.of("burgers1d"), List.of(splits), Map.of());
    }

    private static List<String> names(Splits splits) {
        return splits.files().keySet().stream()
                .map(file -> file.getFileName().toString())
                .toList();
    }

    private static List<String> failed(Splits splits) {
        return splits.checks().stream()
                .filter(check -> check.state() == Check.State.FAILED)
                .map(check -> check.name() + ": " + check.found())
                .toList();
    }

    @Test
    void aLinkToTheFirstPieceIsLookedAtOnce() throws IOException {
        files("burgers1d_train_000.h5", "burgers1d_train_001.h5", "burgers1d_trainer.h5", "advection1d_train.h5");
        Files.createSymbolicLink(folder.resolve("burgers1d_train.h5"), Path.of("burgers1d_train_000.h5"));
        Splits found = find("train");
        assertThat(names(found)).containsExactly("burgers1d_train.h5", "burgers1d_train_001.h5");
        assertThat(failed(found)).isEmpty();
        Files.delete(folder.resolve("burgers1d_train_000.h5"));
        Files.delete(folder.resolve("burgers1d_train.h5"));
        assertThat(failed(find("train"))).isEmpty();
        files("burgers1d_train_003.h5");
        assertThat(failed(find("train"))).containsExactly("burgers1d train pieces: none of number 2");
    }

    @Test
    void valAndValidAreTheSame() throws IOException {
        files("burgers1d_train.h5", "burgers1d_val.h5", "burgers1d_test.h5");
        Splits found = find("train", "valid", "test");
        assertThat(failed(found)).isEmpty();
        assertThat(found.checks().get(1).found()).isEqualTo("burgers1d_val.h5");
        assertThat(found.notes()).isEmpty();
        files("burgers1d_valid.h5");
        assertThat(find("val").notes()).containsExactly("burgers1d val: there are files for val and for valid");
    }

    @Test
    void whatIsMissingSaysWhereItComesFrom() throws IOException {
        Map<String, String> sources = Map.of("burgers1d_train_000.h5", "full/burgers1d/burgers1d_train_000.h5");
        Splits found = Splits.find(folder, List.of("burgers1d"), List.of("train"), sources);
        assertThat(failed(found))
                .containsExactly(
                        "burgers1d train: nothing; data.download has it from full/burgers1d/burgers1d_train_000.h5");
        assertThat(failed(Splits.find(folder.resolve("no"), List.of("burgers1d"), List.of("test"), Map.of())))
                .containsExactly("burgers1d test: no folder " + folder.resolve("no"));
        Files.createDirectory(folder.resolve("burgers1d_test.zarr"));
        assertThat(failed(find("test"))).containsExactly("burgers1d test: burgers1d_test.zarr, which is not looked at");
    }

    @Test
    void oneFileForTwoSplitsIsFound() throws IOException {
        files("burgers1d_train.h5");
        Files.createSymbolicLink(folder.resolve("burgers1d_test.h5"), Path.of("burgers1d_train.h5"));
        Splits found = find("train", "test");
        assertThat(failed(found)).containsExactly("burgers1d: splits apart: burgers1d_test.h5 is that of train too");
        assertThat(names(found)).containsExactly("burgers1d_train.h5");
    }

    @Test
    void aNameStaysInItsFolder() {
        for (String name : List.of("../x", "a/b", "", "-x", ".."))
            assertThatThrownBy(() -> Splits.expectName(name)).as(name).isInstanceOf(IllegalArgumentException.class);
    }
}
