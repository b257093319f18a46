package dev.muster.edge.cli;

import static dev.muster.core.Launches.r;
import static dev.muster.core.Launches.stage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Command;
import dev.muster.core.state.Money;
import dev.muster.edge.view.Doc;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CliRunReportTest extends RunHarness {
    private void cost(String run, String dollars) {
        member.order(new Command.SettleRun(r(run), Money.parse(dollars)));
    }

    private void good(String run, String dollars) {
        launched(run, stage("train"));
        does(run, "train", Map.of());
        end(run);
        cost(run, dollars);
    }

    private void bad(String run, String kind, String dollars) {
        launched(run, stage("train"));
        fails(run, "train", kind, file("step.pt", run));
        cost(run, dollars);
    }

    private void story() {
        good("old", "100");
        member.now = member.now.plus(Duration.ofDays(20));
        good("a", "1.50");
        good("b", "2.50");
        bad("c", "GPU_MEMORY", "0.75");
        launched("d", stage("train"));
    }

    @Test
    void aWeekCosts() {
        story();
        Result result = run("run", "report");
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .startsWith("# Training runs, cost report of 2026-03-21\n\nRuns launched in the last 7d,")
                .contains("| Runs launched | 4 |", "| Cost | $4.75 |")
                .contains("| Cost per successful run (all cost / runs that succeeded) | $2.3750 |")
                .contains("| Waste (cost of runs that failed) | $0.75 |")
                .contains("| SUCCEEDED | 2 | $4.00 |", "| FAILED | 1 | $0.75 |", "| OPEN | 1 | $0.00 |")
                .contains("1 run still open")
                .doesNotContain("old", "Configs");
        Doc doc = json(run("run", "report", "-o", "json"));
        assertThat(doc.decimal("cost_per_success")).hasValue(2.375);
        assertThat(doc.decimal("waste")).hasValue(0.75);
        assertThat(run("run", "report", "--since", "30d").out()).contains("| Cost | $104.75 |", "| old |");
    }

    @Test
    void aMonthCountsFailuresAndConfigs() {
        story();
        bad("e", "GPU_MEMORY", "1");
        bad("f", "", "1");
        assertThat(run("run", "report", "--month").out())
                .startsWith("# Training runs, monthly review of ")
                .contains("| out of GPU memory | 2 | Reduce the batch size", "| not told | 1 |  |")
                .contains("| none | 7 | 3 | $106.75 | $15.25 | 2026-03-21 |")
                .contains("## For a person", "sha256sum --check SHA256SUMS");
        assertThat(json(run("run", "report", "--month", "-o", "json"))
                        .get("failures")
                        .number("GPU_MEMORY"))
                .isEqualTo(2);
        assertThat(run("run", "report", "--month", "--since", "3d").exit()).isEqualTo(Exit.USAGE);
        run("run", "report", "--month", "--out", folder + "/");
        assertThat(folder.resolve("runs_month.html")).content().contains("<td>out of GPU memory</td>");
        assertThat(folder.resolve("runs_month.md")).exists();
    }

    @Test
    void noRunsAreNoDivisionByNone() {
        assertThat(run("run", "report").out()).contains("| Runs launched | 0 |", "runs that succeeded) | - |");
    }
}
