package dev.muster.edge.cli;

import static dev.muster.core.Launches.stage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Orders;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Which events are asked for.
class CliEventsTest extends RunHarness {
    @Test
    void aRunsEventsAreThoseOfItsJobsToo() {
        launched("r1", stage("train"));
        AttemptId attempt = begin("r1", "train");
        launched("r2", stage("train"));
        String job = attempt.task().job().toString();
        String all = run("events", "--within", "run/r1").out();
        assertThat(all)
                .contains("RUN_LAUNCHED run=r1", "JOB_SUBMITTED job=" + job)
                .doesNotContain("r2");
        assertThat(run("events", "--within", "job/" + job).out())
                .contains("JOB_SUBMITTED", "TASK_PLACED")
                .doesNotContain("RUN_LAUNCHED run=r1", "NODE_JOINED");
        assertThat(run("events", "--within", "node/gpu1").out())
                .contains("NODE_JOINED node=gpu1", "TASK_PLACED")
                .doesNotContain("RUN_LAUNCHED");
    }

    @Test
    void sinceAndByWhom() {
        launched("r1", stage("train"));
        member.now = member.now.plus(Duration.ofHours(3));
        member.order(new Command.RetireNode(Orders.n("gpu1")));
        assertThat(run("events", "--since", "2h").out())
                .contains("NODE_RETIRED")
                .doesNotContain("RUN_LAUNCHED");
        assertThat(run("events", "--since", "2026-01-01T00:00:00Z").out()).contains("NODE_RETIRED", "RUN_LAUNCHED");
        assertThat(run("events", "--by", "nobody").out()).isEmpty();
    }

    @Test
    void whatCannotBeAskedIsToldInWords() {
        Result kind = run("events", "--within", "jobs/j1");
        assertThat(kind.exit()).isEqualTo(Exit.USAGE);
        assertThat(kind.err()).contains("expected KIND/NAME, as `job/j7`").contains("did you mean job?");
        assertThat(run("events", "--within", "run/").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("events", "--within", "artifact/12").err()).contains("at least 8 digits");
        Result since = run("events", "--since", "yesterday");
        assertThat(since.exit()).isEqualTo(Exit.USAGE);
        assertThat(since.err()).contains("expected a duration such as 2h");
    }
}
