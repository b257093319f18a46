package dev.muster.edge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.Traces.Tracked;
import dev.muster.edge.training.MetricsFile.Look;
import dev.muster.edge.training.MetricsFile.Row;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsFileTest {
    @TempDir
    Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }

    private static Row row(Object... pairs) {
        TreeMap<String, Double> metrics = new TreeMap<>();
        for (int at = 0; at < pairs.length; at += 2)
            metrics.put(pairs[at].toString(), ((Number) pairs[at + 1]).doubleValue());
        return new Row(metrics);
    }

    private static List<Row> rows(Path file) throws IOException {
        return new MetricsFile(file).look().rows();
    }

    @Test
    void jsonLinesGiveNumbersByTheirCanonicalNames() throws IOException {
        Path file = file("metrics.jsonl", """
                {"_step": 1, "train/loss": 0.5, "diff_residual": {"loss": 0.25, "gradient_norm": 3}, "note": "x"}

                {"global_step": 2, "train_loss": NaN, "op.grad_norm": "Infinity", "list": [1, 2]}
                no JSON
                {"step": 3, "loss": 1e400}
                {"a":
                """);
        MetricsFile metrics = new MetricsFile(file);
        Look look = metrics.look();
        assertThat(look.rows())
                .containsExactly(
                        row("step", 1, "loss", 0.5, "diffusion/loss", 0.25, "diffusion/grad_norm", 3),
                        row("step", 2, "loss", Double.NaN, "operator/grad_norm", Double.POSITIVE_INFINITY),
                        row("step", 3, "loss", Double.POSITIVE_INFINITY));
        assertThat(look.skipped()).isEqualTo(2);
    }

    @Test
    void aGrowingFileIsReadOnAndHalfALineIsNotReadYet() throws IOException {
        Path file = file("m.jsonl", "{\"step\": 1}\n{\"st");
        MetricsFile metrics = new MetricsFile(file);
        assertThat(metrics.look().rows()).containsExactly(row("step", 1));
        assertThat(metrics.look().rows()).isEmpty();
        append(file, "ep\": 2}\n{\"step\": 3");
        assertThat(metrics.look().rows()).containsExactly(row("step", 2));
        append(file, "1}\n");
        Look look = metrics.look();
        assertThat(look.rows()).containsExactly(row("step", 31));
        assertThat(look.anew()).isFalse();
        assertThat(look.skipped()).isZero();
    }

    @Test
    void aShortenedOrAnotherFileIsReadAnew() throws IOException {
        Path file = file("m.jsonl", "{\"step\": 1}\n{\"step\": 2}\n");
        MetricsFile metrics = new MetricsFile(file);
        metrics.look();
        Files.writeString(file, "{\"step\": 7}\n");
        Look shortened = metrics.look();
        assertThat(shortened.anew()).isTrue();
        assertThat(shortened.rows()).containsExactly(row("step", 7));
        Files.writeString(file, "{\"epoch\": 1}\n{\"epoch\": 2}\n{\"epoch\": 3}\n");
        assertThat(metrics.look().rows()).hasSize(3);
        Path other = file("other", "{\"epoch\": 1}\n{\"epoch\": 2}\n{\"epoch\": 3}\n{\"epoch\": 4}\n");
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(metrics.look().rows()).hasSize(4);
        Files.delete(file);
        assertThatThrownBy(metrics::look).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void csvHasAHeadAndQuotedCells() throws IOException {
        Path file = file("log.csv", """
                epoch,"train_loss","a ""quoted"", name",note
                1,0.5,2,"x, y"
                2,nan,,
                3,0.25
                epoch,train_loss,lr
                1,-inf,1e-3
                """);
        Look look = new MetricsFile(file).look();
        assertThat(look.rows())
                .containsExactly(
                        row("epoch", 1, "loss", 0.5, "a \"quoted\", name", 2),
                        row("epoch", 2, "loss", Double.NaN),
                        row("epoch", 1, "loss", Double.NEGATIVE_INFINITY, "lr", 1e-3));
        assertThat(look.skipped()).isEqualTo(1);
    }

    @Test
    void aFileLargerThanWhatIsReadAtOnceIsWhole() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int step = 0; step < 60_000; step++)
            text.append("{\"step\": ").append(step).append(", \"loss\": 0.5}\n");
        Path file = file("m.jsonl", text.toString());
        List<Row> rows = rows(file);
        assertThat(rows).hasSize(60_000);
        assertThat(rows.getLast()).isEqualTo(row("step", 59_999, "loss", 0.5));
        append(file, "{\"x\": \"" + "y".repeat(3 << 20) + "\"}\n{\"step\": 1}\n");
        Look look = new MetricsFile(file).look();
        assertThat(look.rows().getLast()).isEqualTo(row("step", 1));
        assertThat(look.skipped()).isEqualTo(1);
    }

    // ---- W&B

    private static WandbWriter history(int steps, int padding) {
        WandbWriter writer = new WandbWriter();
        writer.other();
        for (int step = 0; step < steps; step++)
            writer.history(
                    List.of("_step", "operator/loss", "note"),
                    List.of(Integer.toString(step), "0.5", "\"" + "x".repeat(padding) + "\""));
        return writer;
    }

    private Path wandb(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("run-abc.wandb"), bytes);
    }

    @Test
    void whatWandbWritesIsRead() throws IOException {
        WandbWriter writer = new WandbWriter();
        writer.other();
        writer.history(List.of("_step", "operator/loss", "diffusion"), List.of("0", "0.5", "{\"loss\": 0.25}"));
        writer.nested(List.of("steady_prior", "loss"), "NaN");
        writer.summary("eval/nrmse", "0.078");
        writer.history(List.of("text"), List.of("\"NaN-like\""));
        Look look = new MetricsFile(wandb(writer.bytes())).look();
        assertThat(look.rows())
                .containsExactly(
                        row("step", 0, "operator/loss", 0.5, "diffusion/loss", 0.25), row("steady/loss", Double.NaN));
        assertThat(look.summary()).containsOnly(Map.entry("eval/nrmse", 0.078));
    }

    @Test
    void whoseRunItIsStandsThere() throws IOException {
        WandbWriter offline = new WandbWriter();
        offline.other();
        MetricsFile file = new MetricsFile(wandb(offline.bytes()));
        assertThat(file.tracked()).isEmpty();
        file.look();
        assertThat(file.tracked()).contains(new Tracked("abc", ""));
        WandbWriter online = new WandbWriter();
        online.run("1a2b", "us", "burgers");
        MetricsFile other = new MetricsFile(wandb(online.bytes()));
        other.look();
        assertThat(other.tracked()).contains(new Tracked("1a2b", "https://wandb.ai/us/burgers/runs/1a2b"));
    }

    /// Made by W&B 0.30 itself, offline: 40 steps, of which some hold a long text, one of NaN, then a summary.
    @Test
    void soIsAFileOfWandbItself() throws Exception {
        Path file =
                Path.of(MetricsFileTest.class.getResource("run-offline.wandb").toURI());
        MetricsFile metrics = new MetricsFile(file);
        Look look = metrics.look();
        assertThat(metrics.tracked().orElseThrow().id()).matches("[a-z0-9]{8}");
        assertThat(look.skipped()).isZero();
        assertThat(look.rows()).hasSize(41);
        for (int step = 0; step < 40; step++)
            assertThat(look.rows().get(step).metrics())
                    .containsEntry("step", (double) step)
                    .containsEntry("operator/loss", 1.0 / (step + 1))
                    .containsEntry("operator/grad_norm", 0.1)
                    .containsEntry("diffusion/loss", 0.5);
        assertThat(look.rows().getLast().metrics()).containsEntry("bad", Double.NaN);
        assertThat(look.summary()).containsEntry("eval/nrmse", 0.078).containsEntry("operator/loss", 0.025);
    }

    @Test
    void recordsMayEndAnywhereInABlock() throws IOException {
        for (int padding : List.of(0, 1, 2, 3, 4, 5, 6, 7, 31, 900, 32_700, 70_000)) {
            List<Row> rows = rows(wandb(history(400, padding % 40_000).bytes()));
            assertThat(rows).as("padding %s", padding).hasSize(400);
        }
        assertThat(rows(wandb(history(5, 100_000).bytes()))).hasSize(5);
    }

    @Test
    void atEveryLengthOfAFileThatGrowsTheRowsAreTheSame() throws IOException {
        byte[] all = history(250, 400).bytes();
        Path file = wandb(new byte[0]);
        MetricsFile metrics = new MetricsFile(file);
        List<Row> rows = new ArrayList<>();
        for (int end = 0; end < all.length; ) {
            int next = Math.min(all.length, end + 997);
            Files.write(file, Arrays.copyOfRange(all, end, next), StandardOpenOption.APPEND);
            Look look = metrics.look();
            assertThat(look.anew()).isFalse();
            assertThat(look.skipped()).isZero();
            rows.addAll(look.rows());
            end = next;
        }
        assertThat(rows).hasSize(250).isEqualTo(rows(wandb(all)));
    }

    @Test
    void aDamagedBlockIsSkippedAndCounted() throws IOException {
        byte[] bytes = history(400, 400).bytes();
        bytes[40_000] ^= 1;
        Look look = new MetricsFile(wandb(bytes)).look();
        assertThat(look.skipped()).isBetween(1L, 2L);
        assertThat(look.rows()).hasSizeBetween(320, 399);
        assertThat(look.rows().getLast().metrics()).containsEntry("step", 399.0);
    }

    @Test
    void aTruncatedTailIsLeftAndAnotherFormatIsNoMetrics() throws IOException {
        byte[] bytes = history(100, 10).bytes();
        assertThat(rows(wandb(Arrays.copyOf(bytes, bytes.length - 5)))).hasSize(99);
        Look other = new MetricsFile(wandb("{\"loss\": 1}\n".repeat(100).getBytes(StandardCharsets.UTF_8))).look();
        assertThat(other.rows()).isEmpty();
        assertThat(other.skipped()).isEqualTo(1);
    }
}
