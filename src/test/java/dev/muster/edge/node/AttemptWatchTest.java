package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Job;
import dev.muster.core.state.Traces;
import dev.muster.edge.process.LogReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// How attempts go, as a real agent looks at them.
@Tag("slow")
class AttemptWatchTest extends AgentHarness {
    @Test
    void anAttemptThatDoesNotGoWellIsEndedForGoodAndSaved() {
        AttemptId nan = place(shell("""
                echo '{"step": 1, "loss": 0.5}' > m.jsonl
                echo '{"step": 2, "loss": NaN}' >> m.jsonl
                sleep 60""", """
                {"grace": "2s", "watch": {"metrics": ["m.jsonl"], "stop_on": ["NOT_A_NUMBER"]}}"""));
        AttemptId trace = place(shell("""
                echo 'Traceback (most recent call last):'
                echo '  File "train.py", line 3, in <module>'
                echo 'ValueError: no such thing'
                sleep 60""", """
                {"grace": "2s", "watch": {"metrics": [], "stop_on": ["TRACEBACK"]}}"""));
        AttemptId well = place(shell("""
                echo 'Traceback (most recent call last):'
                echo 'ValueError: handled'
                echo '{"step": 1, "loss": 0.5}' > m.jsonl
                sleep 4""", """
                {"watch": {"metrics": ["m.jsonl", "none.csv"], "stop_on": ["NOT_A_NUMBER", "OF_A_NEWER_BUILD"]}}"""));
        for (AttemptId each : List.of(nan, trace, well)) running(each);
        LogReader logs = agent.supervisor.logs();
        try (AttemptWatch watch = new AttemptWatch(
                agent.journal,
                logs,
                new SecretFiles(data.resolve("secrets")),
                () -> Soft.Telemetry.UNKNOWN,
                InstantSource.system(),
                agent.runs::abort,
                agent.reporter::report)) {
            Eventually.await(() -> "aborts: " + attempt(nan) + attempt(trace), PATIENCE, () -> {
                watch.look();
                return !attempt(nan).status().isActive()
                        && !attempt(trace).status().isActive();
            });
            watch.look();
        }
        assertThat(attempt(nan).status()).isEqualTo(Attempt.Status.FAILED);
        assertThat(attempt(nan).note()).startsWith("aborted by NOT_A_NUMBER: ").contains("loss");
        assertThat(attempt(nan).failure()).isEqualTo("ABORTED");
        assertThat(attempt(trace).note()).startsWith("aborted by TRACEBACK: ");
        assertThat(replica.state().work().jobs().require(trace.task().job()).status())
                .as("tried no more")
                .isEqualTo(Job.Status.FAILED);
        assertThat(ended(well).status()).isEqualTo(Attempt.Status.SUCCEEDED);
    }

    @Test
    void whatWasSeenOfAnAttemptIsToldAndItsOutputIsKept() throws IOException {
        AttemptId id = place(shell("""
                echo 'wandb: View run dry-sun-1 at: https://wandb.ai/us/burgers/runs/1a2b3c4d'
                echo 'Traceback (most recent call last):'
                echo '  File "train.py", line 3, in <module>'
                echo 'ValueError: handled'
                while [ ! -f go ]; do sleep 0.1; done
                seq 400000
                echo '{"step": 1, "diffusion/loss": 0.2}' > m.jsonl
                echo the last words
                exit $(cat go)""", """
                {"max_attempts": 1, "watch": {"metrics": ["m.jsonl"], "stop_on": []}}"""));
        running(id);
        try (AttemptWatch watch = watch(new Soft.Telemetry(0.5, 0.25, 0.1, 1, 0.91, 0.4, 1))) {
            agent.runs.watchedBy(watch::last);
            Eventually.await(() -> "a warning of " + attempt(id), PATIENCE, () -> {
                watch.look();
                return attempt(id).traces().warnings().has("TRACEBACK")
                        && attempt(id).traces().tracked().isPresent();
            });
            assertThat(attempt(id).traces().warnings().require("TRACEBACK").text())
                    .endsWith("ValueError: handled");
            Files.writeString(agent.journal.work(id).resolve("go"), "3");
            ended(id);
        }
        Traces traces = attempt(id).traces();
        assertThat(attempt(id).note()).startsWith("exited with 3: the last words");
        assertThat(traces.tracked())
                .contains(new Traces.Tracked("1a2b3c4d", "https://wandb.ai/us/burgers/runs/1a2b3c4d"));
        assertThat(traces.evidence())
                .extracting(Attempt.Stored::path)
                .containsExactly("logs/" + id + ".log", "logs/" + id + ".load.csv");
        String log = Files.readString(
                agent.artifacts.path(traces.evidence().getFirst().sha()));
        assertThat(log)
                .startsWith("wandb: View run")
                .endsWith("the last words\n")
                .contains(" of output are left out …");
        assertThat(log.length()).isBetween(Evidence.TAIL_BYTES, Evidence.HEAD_BYTES + Evidence.TAIL_BYTES + 100);
        assertThat(Files.readString(
                        agent.artifacts.path(traces.evidence().get(1).sha())))
                .startsWith("_timestamp,system/gpu,")
                .endsWith(",91.0,40.0,50.0,25.0\n");
        assertThat(replica.state().files().held(traces.evidence().getFirst().sha()))
                .isTrue();

        agent.supervisor.forget(agent.supervisor.states().states().firstKey());
        Outputs outputs = new Outputs(N1, replica, agent.supervisor, agent.artifacts, agent.client);
        Member.LogPart part = outputs.anywhere(id, log.length() - 15, 100);
        assertThat(new String(part.bytes(), StandardCharsets.UTF_8)).endsWith("the last words\n");
        assertThat(part.ended()).isTrue();
        assertThat(outputs.anywhere(id, 10_000_000, 100).ended()).isTrue();
    }

    @Test
    void whatIsKeptElsewhereHasNoSecrets() throws IOException {
        Path file = Files.createDirectories(data.resolve("secrets")).resolve("API");
        Files.writeString(file, "s3crét-of-ours\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        AttemptId id = place(shell("""
                echo 'Traceback (most recent call last):'
                echo "ValueError: no $KEY"
                while [ ! -f go ]; do sleep 0.1; done
                echo "é $KEY"
                exit 3""", """
                {"max_attempts": 1, "env": {"KEY": "{secret:API}"}, "watch": {"stop_on": []}}"""));
        running(id);
        try (AttemptWatch watch = watch(Soft.Telemetry.UNKNOWN)) {
            agent.runs.watchedBy(watch::last);
            Eventually.await(() -> "a warning of " + attempt(id), PATIENCE, () -> {
                watch.look();
                return attempt(id).traces().warnings().has("TRACEBACK");
            });
            Files.writeString(agent.journal.work(id).resolve("go"), "");
            ended(id);
        }
        Traces traces = attempt(id).traces();
        assertThat(traces.warnings().require("TRACEBACK").text()).endsWith("ValueError: no {secret:API}");
        assertThat(Files.readString(
                        agent.artifacts.path(traces.evidence().getFirst().sha())))
                .contains("ValueError: no {secret:API}\n")
                .endsWith("é {secret:API}\n");
        assertThat(attempt(id).note())
                .startsWith("exited with 3: é {secret:API}")
                .endsWith("ValueError: no {secret:API}");
    }

    @Test
    void aFinalLossIsJudgedWhenItEnds() {
        String writes = "echo '{\"step\": 1, \"diffusion/loss\": 0.2}' > m.jsonl";
        try (AttemptWatch watch = watch(Soft.Telemetry.UNKNOWN)) {
            agent.runs.watchedBy(watch::last);
            AttemptId told = place(shell(writes, """
                    {"watch": {"metrics": ["m.jsonl"], "stop_on": []}}"""));
            AttemptId failed = place(shell(writes, """
                    {"watch": {"metrics": ["m.jsonl"], "stop_on": ["FINAL_LOSS"]}}"""));
            assertThat(ended(told).status()).isEqualTo(Attempt.Status.SUCCEEDED);
            assertThat(attempt(told).traces().warnings().require("FINAL_LOSS").critical())
                    .isTrue();
            assertThat(ended(failed).status()).isEqualTo(Attempt.Status.FAILED);
            assertThat(attempt(failed).note()).startsWith("aborted by FINAL_LOSS: diffusion/loss: 0.2");
        }
    }

    /// It may end before anybody looks.
    @Test
    void whatFailsByARuleThatStopsItIsNotTriedAgain() {
        AttemptId id = place(shell("""
                echo 'Traceback (most recent call last):'
                echo 'ValueError: no such thing'
                exit 1""", """
                {"max_attempts": 3, "watch": {"stop_on": ["TRACEBACK"]}}"""));
        try (AttemptWatch watch = watch(Soft.Telemetry.UNKNOWN)) {
            agent.runs.watchedBy(watch::last);
            assertThat(ended(id).note()).startsWith("exited with 1");
        }
        assertThat(replica.state().work().jobs().require(id.task().job()).status())
                .isEqualTo(Job.Status.FAILED);
    }

    @Test
    void whatNobodyWatchesLeavesNoLogs() {
        assertThat(ended(place(shell("echo hello; exit 1", "{\"max_attempts\": 1}")))
                        .traces()
                        .evidence())
                .isEmpty();
    }

    private AttemptWatch watch(Soft.Telemetry measured) {
        return new AttemptWatch(
                agent.journal,
                agent.supervisor.logs(),
                new SecretFiles(data.resolve("secrets")),
                () -> measured,
                InstantSource.system(),
                agent.runs::abort,
                agent.reporter::report);
    }
}
