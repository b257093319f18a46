package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.view.Doc;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CliRunDataTest extends CliHarness {
    private Path root;

    @BeforeEach
    void files() throws IOException {
        root = Files.createDirectory(folder.resolve("pdebench"));
        write("burgers1d_train_000.h5", 1);
        Files.createSymbolicLink(root.resolve("burgers1d_train.h5"), Path.of("burgers1d_train_000.h5"));
        write("burgers1d_val.h5", 2);
        write("burgers1d_test.h5", 3);
        Files.writeString(
                folder.resolve("train.yaml"),
                "data:\n  task: burgers1d\n  split: train\n  root: " + root
                        + "\n  download:\n    train_files:\n      - source: full/burgers1d_train_000.h5\n"
                        + "        symlink: burgers1d_train.h5\ntraining: {latent_cache_dir: data/latent_cache}\n");
    }

    private void write(String name, float first) {
        float[][][] values = new float[6][4][5];
        for (int row = 0; row < 6; row++)
            for (int time = 0; time < 4; time++) values[row][time][row % 5] = first + time;
        values[5][3][4] = first;
        try (WritableHdfFile hdf = HdfFile.write(root.resolve(name))) {
            hdf.putDataset("tensor", values);
        }
    }

    private Result check(String... words) {
        List<String> all = new ArrayList<>(List.of("run", "check-data"));
        all.addAll(List.of(words));
        return run(all.toArray(String[]::new));
    }

    private static Doc json(Result result) {
        return Doc.json(result.out().getBytes(StandardCharsets.UTF_8));
    }

    /// Nobody looked, so nobody says that it is good; nor that it is bad, so it is not moved.
    @Test
    void whatWasNotLookedAtIsNotGood() throws IOException {
        String header = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n";
        byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) header.length(), 0};
        Path file = folder.resolve("objects.npy");
        Files.write(file, magic);
        Files.writeString(file, header + "pickled", StandardCharsets.ISO_8859_1, StandardOpenOption.APPEND);
        Result one = check(file.toString());
        assertThat(one.exit()).isEqualTo(Exit.ERROR);
        assertThat(one.out())
                .contains("pickled objects, which are never unpickled here")
                .endsWith("0 of 1 files are good; 1 may be: not all of it was looked at\n");
        Doc doc = json(check(file.toString(), "--quarantine", folder + "/aside", "--yes", "-o", "json"));
        assertThat(doc.list("files").getFirst().flag("unseen")).isTrue();
        assertThat(doc.list("files").getFirst().flag("good")).isFalse();
        assertThat(file).exists();
    }

    @Test
    void theSplitsOfATaskAreComplete() {
        Result all = check("--data-root", root.toString(), "--task", "burgers1d", "--all-splits");
        assertThat(all.err()).isEmpty();
        assertThat(all.exit()).isEqualTo(Exit.DONE);
        assertThat(all.out()).contains("burgers1d train", "6x4x5", "float32").endsWith("3 of 3 files are good\n");
        Result one = check(folder + "/train.yaml", "-o", "json");
        assertThat(one.exit()).isEqualTo(Exit.DONE);
        assertThat(json(one).flag("good")).isTrue();
        assertThat(json(one).list("files")).hasSize(1);
        Doc dataset = json(one).list("files").getFirst().list("datasets").getFirst();
        assertThat(dataset.entries().keySet())
                .containsExactly(
                        "name", "shape", "type", "looked", "nan", "inf", "min", "max", "mean", "constant_rows");
        assertThat(check(folder + "/train.yaml", "-o", "name").out()).isEqualTo(root + "/burgers1d_train.h5\n");
        assertThat(json(check(folder + "/train.yaml", "--all-splits", "-o", "json"))
                        .list("files"))
                .hasSize(3);
    }

    @Test
    void aMissingSplitOrABadFileIsExitOne() throws IOException {
        Files.delete(root.resolve("burgers1d_val.h5"));
        write("burgers1d_test.h5", Float.NaN);
        Result all = check("--data-root", root.toString(), "--task", "burgers1d");
        assertThat(all.exit()).isEqualTo(Exit.ERROR);
        assertThat(all.out())
                .contains("burgers1d valid: expected burgers1d_valid.h5 in " + root + ", but found nothing")
                .contains("tensor: NaN: expected none, but found 25, the first not finite in row 0")
                .contains("1 of 2 files are good; 1 of the checks of splits failed");
    }

    @Test
    void aBadFileIsMovedAsideWithItsReason() throws IOException {
        Files.write(root.resolve("burgers1d_train_000.h5"), new byte[4096]);
        String aside = folder + "/aside";
        Result asked = check(folder + "/train.yaml", "--quarantine", aside);
        assertThat(asked.exit()).isEqualTo(Exit.USAGE);
        assertThat(asked.err()).contains("expected --yes with --quarantine");
        Result plan = check(folder + "/train.yaml", "--quarantine", aside, "--dry-run");
        assertThat(plan.exit()).isEqualTo(Exit.ERROR);
        assertThat(plan.out())
                .contains("would move " + root + "/burgers1d_train_000.h5 to " + aside)
                .contains(root + "/burgers1d_train.h5 leads to it, and then nowhere");
        assertThat(folder.resolve("aside")).doesNotExist();
        terminal = true;
        stdin = "n\n";
        assertThat(check(folder + "/train.yaml", "--quarantine", aside).err()).contains("Go on?", "nothing was done");
        assertThat(root.resolve("burgers1d_train_000.h5")).exists();
        stdin = "y\n";
        Result moved = check(folder + "/train.yaml", "--quarantine", aside);
        assertThat(moved.exit()).isEqualTo(Exit.ERROR);
        assertThat(moved.out())
                .contains("opens: expected an HDF5 file, but found only zeros")
                .contains("moved " + root + "/burgers1d_train_000.h5 to " + aside + "/burgers1d_train_000.h5")
                .contains("again from full/burgers1d_train_000.h5")
                .contains("remove what was made of it: data/latent_cache");
        assertThat(Path.of(aside, "burgers1d_train_000.h5")).hasSize(4096);
        assertThat(Path.of(aside, "burgers1d_train_000.h5.REASON.txt"))
                .content()
                .contains("only zeros");
        Result again = check(folder + "/train.yaml", "--quarantine", aside, "--yes", "-o", "json");
        assertThat(json(again).list("quarantined")).isEmpty();
        assertThat(again.out()).contains("a link that leads nowhere");
        assertThat(check(aside).exit()).isEqualTo(Exit.USAGE);
    }

    @Test
    void aScriptGetsOneAnswer() throws IOException {
        Files.writeString(root.resolve("burgers1d_test.h5"), "not found");
        Result moved = check(root.toString(), "--quarantine", folder + "/aside", "--yes", "-o", "json");
        assertThat(moved.exit()).isEqualTo(Exit.ERROR);
        Doc move = json(moved).list("quarantined").getFirst();
        assertThat(move.flag("done")).isTrue();
        assertThat(move.text("to")).isEqualTo(folder + "/aside/burgers1d_test.h5");
        assertThat(check(root.toString()).exit()).isEqualTo(Exit.DONE);
    }

    @Test
    void aManifestAloneSaysWhatIsLookedAt() throws IOException {
        long size = Files.size(root.resolve("burgers1d_val.h5"));
        Path manifest = root.resolve("manifest.yaml");
        Files.writeString(
                manifest,
                "files:\n- {path: burgers1d_val.h5, size_bytes: " + size + "}\n- {path: none.h5, size_bytes: 1}\n");
        Result listed = check("--manifest", manifest.toString());
        assertThat(listed.exit()).isEqualTo(Exit.ERROR);
        assertThat(listed.out()).contains("exists: expected a file, but found nothing", "1 of 2 files are good");
        Files.writeString(manifest, "files:\n- {path: burgers1d_train_000.h5, size_bytes: 5}\n");
        assertThat(check(folder + "/train.yaml", "--manifest", manifest.toString())
                        .out())
                .contains("size: expected 5 bytes, but found " + size + " bytes");
        Files.writeString(manifest, "files: 1\n");
        assertThat(check("--manifest", manifest.toString()).exit()).isEqualTo(Exit.USAGE);
    }

    @Test
    void whatIsNotThereIsAMistakeOfTheCaller() throws IOException {
        assertThat(check().err()).contains("expected a config, a data file, a folder");
        for (String[] words : new String[][] {
            {},
            {root + "/none.h5"},
            {"--task", "burgers1d"},
            {"--data-root", root + "/none", "--task", "burgers1d"},
            {"--data-root", root.toString(), "--task", "../x"},
            {"--manifest", root + "/none.yaml"},
            {root.toString(), "--sample", "0"},
            {folder + "/train.yaml", "--split", "test", "--all-splits"}
        }) assertThat(check(words).exit()).as(String.join(" ", words)).isEqualTo(Exit.USAGE);
        Files.writeString(folder.resolve("train.yaml"), "data: {root: x}\n");
        assertThat(check(folder + "/train.yaml").err())
                .contains("expected data.root and data.task, but found no data.task");
    }
}
