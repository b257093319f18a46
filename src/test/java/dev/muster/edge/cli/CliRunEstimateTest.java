package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.edge.provider.FakeApi;
import dev.muster.edge.provider.FakeApi.Reply;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CliRunEstimateTest extends CliHarness {
    private static final Path CONFIGS = Path.of("../shared/data/training-configs/feature--UPT/configs");

    @BeforeEach
    void files() throws IOException {
        write(
                "train.yaml",
                "latent: {dim: 32}\nstages: {operator: {epochs: 25}, diff_residual: {epochs: 8},"
                        + " consistency_distill: {epochs: 8}}\nttc: {enabled: true}\n");
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private Result estimate(String... more) {
        String[] words = new String[3 + more.length];
        words[0] = "run";
        words[1] = "estimate";
        words[2] = folder.resolve("train.yaml").toString();
        System.arraycopy(more, 0, words, 3, more.length);
        return run(words);
    }

    private static Doc json(Result result) {
        assertThat(result.err()).isEmpty();
        return Doc.json(result.out().getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> machines(Doc doc) {
        return doc.list("estimates").stream()
                .map(one -> String.format(
                        Locale.ROOT, "%.2f", one.decimal("machine").orElseThrow()))
                .toList();
    }

    @Test
    void hoursAndDollarsForEachTypeOfGpu() {
        Result result = estimate();
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.out()).isEqualTo("""
                GPU    TIME  RANGE            PER HOUR  MACHINE   DISK  TRAFFIC  TOTAL  RANGE
                H100  1h17m  15m26s to 2h34m     $2.89    $3.72  $0.02    $0.10  $3.83  $0.85 to $7.57
                A100  1h17m  15m26s to 2h34m     $1.89    $2.43  $0.02    $0.10  $2.55  $0.59 to $5.00
                H200  1h17m  15m26s to 2h34m     $2.59    $3.33  $0.02    $0.10  $3.45  $0.77 to $6.80

                the formula: 1h17m, operator 25 x 3s, diffusion 8 x 7s, distill 8 x 300s, evaluation 35m
                basis: the formula; no run so far, so a wide range
                with a disk of 64 GB, and 10 GB received (--disk, --download)
                prices are the table's; --offers asks what is offered now
                recommended: A100 (a latent dimension of 32, below 512)
                """);
        assertThat(estimate("-o", "name").out()).isEqualTo("A100\n");
    }

    @Test
    void theKnownConfigsComeOut() {
        assumeTrue(Files.isDirectory(CONFIGS), "no real configs here");
        Doc burgers = json(run(
                "run",
                "estimate",
                CONFIGS.resolve("deprecated/train_burgers_32dim.yaml").toString(),
                "-o",
                "json"));
        assertThat(burgers.decimal("formula_minutes").orElseThrow()).isBetween(77.0, 77.5);
        assertThat(machines(burgers)).containsExactly("3.72", "2.43", "3.33");
        Doc golden = json(run(
                "run",
                "estimate",
                CONFIGS.resolve("train_burgers_golden_no_diffusion.yaml").toString(),
                "-o",
                "json"));
        assertThat(golden.decimal("formula_minutes")).hasValue(36.25);
        assertThat(machines(golden)).containsExactly("1.75", "1.14", "1.56");
    }

    @Test
    void whatEarlierRunsTookChangesIt() throws IOException {
        Path history = write("history.jsonl", """
                {"series": "train", "gpu": "RTX_4090", "estimated_s": 4620, "actual_s": 870, "at": "2026-01-05T08:00:00Z"}

                {"series": "train", "gpu": "RTX 4090", "estimated_s": 4620, "actual_s": 870, "at": "2026-01-06T08:00:00Z"}
                """);
        Doc doc = json(estimate("--history", history.toString(), "-g", "RTX_4090,a100", "-o", "json"));
        Doc card = doc.list("estimates").getFirst();
        assertThat(card.text("gpu")).isEqualTo("RTX 4090");
        assertThat(card.decimal("hours").orElseThrow()).isBetween(0.242, 0.243);
        assertThat(card.number("runs")).isEqualTo(2);
        assertThat(card.has("total")).isFalse();
        assertThat(doc.list("notes").getLast().text()).isEqualTo("RTX 4090: no price is known; --offers asks for one");
        assertThat(doc.list("estimates").getLast().text("basis")).contains("2 runs of other GPUs");
        assertThat(doc.get("recommended").text("why")).isEqualTo("less than half an hour");
    }

    @Test
    void offersTellThePrice() throws IOException {
        try (FakeApi vast = FakeApi.start()) {
            env.put("VAST_URL", vast.base().toString());
            env.put("VAST_API_KEY", "vast-key-that-nobody-may-see");
            vast.on(
                    "POST /api/v0/bundles/",
                    Reply.json("{'offers':[{'id':7,'machine_id':70,'host_id':7,"
                            + "'gpu_name':'RTX 4090','num_gpus':1,'gpu_ram':24576,'cpu_cores_effective':8,'cpu_ram':32000,"
                            + "'disk_space':100,'dph_base':0.4,'storage_cost':0.72,'inet_up_cost':0.01,'inet_down_cost':0.02,"
                            + "'reliability2':0.99,'duration':864000,'rentable':true,'verification':'verified',"
                            + "'geolocation':'Oregon, US'}]}"));
            Doc doc = json(estimate("--offers", "-g", "RTX 4090", "--disk", "100", "--download", "50", "-o", "json"));
            Doc card = doc.list("estimates").getFirst();
            assertThat(card.text("price_source")).isEqualTo("offer 7 of vast");
            assertThat(card.decimal("per_hour")).hasValue(0.4);
            assertThat(card.decimal("traffic")).hasValue(1);
            assertThat(card.decimal("disk").orElseThrow()).isBetween(0.128, 0.129);
            assertThat(vast.requests().getFirst().body().get("num_gpus").text("eq"))
                    .isEqualTo("1");
            vast.on("POST /api/v0/bundles/", Reply.json("{'offers':[]}"));
            assertThat(estimate("--offers", "-g", "A100").out())
                    .contains("A100: vast offers none now; the price is the table's", "$1.89");
        }
    }

    @Test
    void withoutAProviderThePriceIsTheTables() {
        env.put("VAST_URL", "http://127.0.0.1:1");
        env.put("VAST_API_KEY", "vast-key-that-nobody-may-see");
        Result result = estimate("--offers");
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.out()).contains("prices are the table's: ", "$3.72");
    }

    @Test
    void mistakesAreToldWithWhatWasMeant() throws IOException {
        Result unknown = estimate("--gpu", "RTX 4091");
        assertThat(unknown.exit()).isEqualTo(Exit.USAGE);
        assertThat(unknown.err()).contains("unknown GPU \"RTX 4091\"; did you mean RTX 4090");
        assertThat(estimate("--disk", "-1").err()).contains("expected --disk and --download to be 0 to");
        Path history = write("bad.jsonl", "{\"series\": \"train\", \"gpu\": \"A100\", \"actual_s\": 870}\n");
        assertThat(estimate("--history", history.toString()).err()).contains("bad.jsonl:1: expected {\"series\"");
        for (String spoilt : List.of("1e400", "1e12"))
            assertThat(estimate(
                                    "--history",
                                    write(
                                                    "huge.jsonl",
                                                    "{\"series\": \"train\", \"gpu\": \"A100\", \"estimated_s\": 10,"
                                                            + " \"actual_s\": " + spoilt
                                                            + ", \"at\": \"2026-01-05T08:00:00Z\"}\n")
                                            .toString())
                            .err())
                    .contains("huge.jsonl:1: expected {\"series\"", "in place of at most 31536000");
        write("bad.jsonl", "{\"series\": \n");
        assertThat(estimate("--history", history.toString()).exit()).isEqualTo(Exit.USAGE);
        write("train.yaml", "latent: {dim: 3.5}\nstages: {operator: {epochs: 25}}\n");
        assertThat(estimate().err()).contains("train.yaml:1: latent.dim: expected a whole number, but found 3.5");
        write("train.yaml", "stages: {operator: {epochs: 25}}\n");
        assertThat(estimate().err()).contains("latent.dim: expected the latent dimension");
        write("train.yaml", "latent: {dim: 16}\nstages: {operator: {epochs: 9e15}}\n");
        assertThat(estimate().err()).contains("expected work of up to 365 days");
    }
}
