package dev.muster.sim;

import dev.muster.core.state.Again;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.Event;
import dev.muster.core.state.EventNames;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Silence;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// What happened, line by line, for people to read and for two runs to be compared.
final class Story {
    private final MessageDigest digest;
    private final List<String> lines = new ArrayList<>();
    private Consumer<String> ear = line -> {};
    private long told;

    Story() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("expected every JDK to know SHA-256", e);
        }
    }

    /// Every further line goes there as well.
    void listen(Consumer<String> listener) {
        ear = listener;
    }

    void tell(Duration at, String what, String why) {
        String line = "%10s  %s%s".formatted(time(tenths(at)), what, why.isBlank() ? "" : "  -- " + why);
        digest.update((at.toMillis() + line + "\n").getBytes(StandardCharsets.UTF_8));
        told++;
        ear.accept(line);
        lines.add(line);
        if (lines.size() > 20_000) lines.subList(0, 10_000).clear();
    }

    /// What was told since this was last asked; at most the newest 20,000 lines are kept.
    List<String> drain() {
        List<String> news = List.copyOf(lines);
        lines.clear();
        return news;
    }

    long told() {
        return told;
    }

    /// Of all lines so far; two runs of one seed have the same.
    String hash() {
        try {
            return HexFormat.of()
                    .formatHex(((MessageDigest) digest.clone()).digest())
                    .substring(0, 16);
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("expected the JDK's SHA-256 to be cloneable", e);
        }
    }

    private static Duration tenths(Duration at) {
        return Duration.ofMillis(at.toMillis() / 100 * 100);
    }

    /// `1m5s`, `6h`, `3.25s`: no more digits than there are.
    static String time(Duration at) {
        long ms = at.toMillis();
        StringBuilder text = new StringBuilder();
        if (ms >= 3_600_000) text.append(ms / 3_600_000).append('h');
        if (ms % 3_600_000 >= 60_000) text.append(ms % 3_600_000 / 60_000).append('m');
        long rest = ms % 60_000;
        if (rest > 0 || text.isEmpty()) {
            text.append(rest / 1000);
            if (rest % 1000 > 0) text.append(".%03d".formatted(rest % 1000).replaceAll("0+$", ""));
            text.append('s');
        }
        return text.toString();
    }

    /// An event in a line's width: its name and what it is about.
    static String line(Event event) {
        String about = switch (event) {
            case Event.NodeJoined joined -> joined.node().toString();
            case Event.NodeDeclared declared ->
                declared.host().node() + " " + declared.host().desired();
            case Event.NodeDraining draining -> draining.node().toString();
            case Event.NodeReady ready -> ready.node().toString();
            case Event.NodeRetired retired -> retired.node().toString();
            case Event.NodeRemoved removed -> removed.node().toString();
            case Event.NodeFenced fenced -> fenced.node().toString();
            case Event.NodeReadmitted readmitted -> readmitted.node().toString();
            case Event.TokenMinted minted -> "for " + minted.enrolment().node();
            case Event.TokenRevoked revoked -> "for " + revoked.node();
            case Event.NodeEnrolled enrolled -> enrolled.node().toString();
            case Event.FixOrdered ordered -> ordered.kind() + " on " + ordered.node();
            case Event.FixDone done -> done.kind() + " on " + done.node() + ": " + done.note();
            case Event.FixFailed failed -> failed.kind() + " on " + failed.node() + ": " + failed.note();
            case Event.VoterWanted wanted -> wanted.node().toString();
            case Event.VoterUnwanted unwanted -> unwanted.node().toString();
            case Event.VotersChanged changed -> changed.voters().toString();
            case Event.LeaderElected elected -> elected.node() + " term " + elected.term();
            case Event.JobSubmitted submitted ->
                submitted.job() + " " + submitted.spec().name() + " x"
                        + submitted.spec().tasks();
            case Event.JobStopping stopping -> stopping.job().toString();
            case Event.JobSucceeded done -> done.job().toString();
            case Event.JobFailed failed -> failed.job() + ": " + failed.reason();
            case Event.JobCancelled cancelled -> cancelled.job().toString();
            case Event.JobForgotten forgotten -> forgotten.job().toString();
            case Event.TaskPlaced placed -> placed.attempt() + " on " + placed.node();
            case Event.GangPlaced placed ->
                placed.attempt() + " on "
                        + placed.nodes().stream().map(NodeId::name).collect(Collectors.joining(", ")) + " at "
                        + placed.address() + ":" + placed.port();
            case Event.GangEnding going -> going.attempt() + " " + ending(going.ending());
            case Event.TaskStarted started -> started.attempt().toString();
            case Event.ProgressSaved saved -> saved.attempt() + " on " + saved.node() + ": " + versions(saved);
            case Event.AttemptEvicting evicting -> evicting.attempt() + ": " + evicting.reason();
            case Event.AttemptWarned warned ->
                warned.attempt() + " " + warned.rule() + ": " + warned.warning().text();
            case Event.AttemptLinked linked ->
                linked.attempt() + ": " + linked.tracked().url();
            case Event.AttemptEnded ended -> ended.attempt() + " " + ending(ended.ending());
            case Event.TaskRequeued requeued -> requeued.task() + ": " + requeued.reason();
            case Event.TaskSucceeded done -> done.task().toString();
            case Event.TaskFailed failed -> failed.task() + ": " + failed.reason();
            case Event.TaskCancelled cancelled -> cancelled.task().toString();
            case Event.ArtifactStored stored ->
                stored.name() + " " + stored.sha().brief() + " on " + stored.node();
            case Event.ArtifactPut put -> put.name() + " " + put.sha().brief() + " on " + put.node();
            case Event.ArtifactPinned pinned -> pinned.artifact().brief() + (pinned.pinned() ? " pinned" : " unpinned");
            case Event.ReplicaConfirmed confirmed -> confirmed.artifact().brief() + " on " + confirmed.node();
            case Event.ReplicaDropped dropped -> dropped.artifact().brief() + " on " + dropped.node();
            case Event.DeltaMade(var of, var delta) ->
                of.artifact().brief() + " from " + of.base().brief()
                        + (delta.sha().isPresent() ? " on " + delta.maker() : " is not worth it");
            case Event.ArtifactForgotten forgotten -> forgotten.artifact().brief();
            case Event.ModelPromoted promoted ->
                promoted.config() + " = " + promoted.sha().brief();
            case Event.PromotionRolledBack rolled ->
                rolled.config() + " = " + rolled.to().sha().brief();
            case Event.ModelDistributionStarted started ->
                started.config() + " " + started.sha().brief();
            case Event.ModelDistributionComplete done ->
                done.config() + " " + done.sha().brief() + " on " + done.nodes();
            case Event.DistributionIncomplete still ->
                still.config() + " " + still.sha().brief() + " missing on " + still.missing();
            case Event.ModelDistributionFailed still ->
                still.config() + " " + still.sha().brief() + " missing on " + still.missing();
            case Event.ModelDistributionSuperseded superseded ->
                superseded.config() + " " + superseded.sha().brief() + " on " + superseded.nodes() + " by "
                        + superseded.by().brief();
            case Event.SourceStruck struck ->
                struck.node() + " " + struck.artifact().brief();
            case Event.MatchesRecorded recorded ->
                recorded.config() + " " + recorded.matches().size() + " pairs";
            case Event.LoopStarted started -> started.spec().config().toString();
            case Event.LoopStopped stopped -> stopped.config().toString();
            case Event.StageStarted started -> started.generation() + " " + started.job();
            case Event.StageFailed failed -> failed.generation() + " " + failed.job() + ": " + failed.reason();
            case Event.SelfplayComplete played ->
                played.generation() + " " + played.games().size() + " files";
            case Event.TrainingCompleted trained ->
                trained.generation() + " " + trained.candidate().sha().brief();
            case Event.EvaluationCompleted evaluated -> evaluated.generation().toString();
            case Event.PromotionCandidate candidate ->
                candidate.generation() + " " + candidate.sha().brief();
            case Event.PromotionRejected rejected -> rejected.generation().toString();
            case Event.GenerationEnded ended -> ended.generation().toString();
            case Event.OfRentals rented -> line(rented);
            case Event.OfRuns run -> line(run);
            case Event.OfAlerts alert -> line(alert);
        };
        return EventNames.of(event) + " " + about;
    }

    private static String versions(Event.ProgressSaved saved) {
        return saved.files().stream()
                .map(file -> file.path() + " " + file.sha().brief())
                .collect(Collectors.joining(", "));
    }

    private static String line(Event.OfRuns event) {
        return switch (event) {
            case Event.RunLaunched launched -> launched.run().toString();
            case Event.RunStageStarted started -> started.run() + " " + started.stage() + " " + started.job();
            case Event.RunStageReused reused -> reused.run() + " " + reused.stage() + " from " + reused.from();
            case Event.RunStageDone done ->
                done.run() + " " + done.stage()
                        + done.verdict().map(verdict -> ": " + verdict.why()).orElse("");
            case Event.RunStageFailed failed -> failed.run() + " " + failed.stage() + ": " + failed.reason();
            case Event.RunStageSkipped skipped -> skipped.run() + " " + skipped.stage() + ": " + skipped.reason();
            case Event.RunWarned warned ->
                warned.run() + " " + warned.rule() + ": " + warned.warning().text();
            case Event.RunStopping stopping -> stopping.run() + ": " + stopping.reason();
            case Event.RunEnded ended ->
                ended.run() + " " + ended.status() + (ended.reason().isEmpty() ? "" : ": " + ended.reason());
            case Event.RunResumed resumed -> resumed.run().toString();
            case Event.RunSettled settled -> settled.run() + " " + settled.cost();
            case Event.RunForgotten forgotten -> forgotten.run().toString();
        };
    }

    private static String line(Event.OfAlerts event) {
        return switch (event) {
            case Event.AlertRaised(String alert, String subject, AlertLevel level, String text) ->
                alert + " " + level + " " + subject + ": " + text;
            case Event.AlertCleared(String alert, String subject) -> alert + " " + subject;
            case Event.AlertTold(Bulletin told) ->
                told.number() + " " + told.alert() + " " + told.kind() + " " + told.level() + " " + told.subjects();
            case Event.AlertDelivered(long number, String alert, String channel) ->
                number + " " + alert + " by " + channel;
            case Event.AlertUndelivered(long number, String alert, String channel, String why) ->
                number + " " + alert + " by " + channel + ": " + why;
            case Event.AlertsSilenced(Silence silence) ->
                silence.id() + " " + silence.pattern() + " until " + silence.until();
            case Event.SilenceEnded(String id, String pattern) -> id + " " + pattern;
            case Event.AlertPolicySet set -> "";
        };
    }

    private static String line(Event.OfRentals event) {
        return switch (event) {
            case Event.InstanceOrdered ordered ->
                ordered.instance() + " " + ordered.rent().gear() + " for "
                        + ordered.rent().perHour()
                        + ordered.again()
                                .flatMap(Again::insteadOf)
                                .map(failed -> " instead of " + failed)
                                .orElse("");
            case Event.InstanceAdopted adopted ->
                adopted.instance() + " " + adopted.seen().rented();
            case Event.InstanceSeen seen ->
                seen.instance() + " " + seen.seen().rented() + " " + seen.seen().observed();
            case Event.InstanceStarting starting -> starting.instance().toString();
            case Event.InstanceStopping stopping -> stopping.instance().toString();
            case Event.InstanceEnding ending -> ending.instance() + (ending.abandon() ? " with what it holds" : "");
            case Event.InstanceReplaced replaced -> replaced.instance().toString();
            case Event.InstanceReleased released -> released.instance().toString();
            case Event.InstanceBidRaised raised ->
                raised.instance() + " to "
                        + raised.rent().bid().map(Money::toString).orElse("-");
            case Event.InstanceEnded ended -> ended.instance() + ": " + ended.note();
            case Event.InstanceAbandoned abandoned -> abandoned.instance() + ": " + abandoned.note();
            case Event.InstanceCharged charged -> charged.instance() + " " + charged.total();
            case Event.MachineBlamed blamed -> blamed.provider() + " " + blamed.machine() + ": " + blamed.reason();
            case Event.TroubleTold told -> told.subject() + ": " + told.note();
            case Event.TroubleEnded ended -> ended.subject() + ": " + ended.note();
            case Event.GroupSet set -> set.group().name();
            case Event.GroupDeleted deleted -> deleted.name();
            case Event.BudgetSet set -> set.scope().isEmpty() ? "of all" : "of " + set.scope();
            case Event.ScalingSet set -> set.scaling().enabled() ? "on" : "off";
        };
    }

    private static String ending(Attempt.Ending ending) {
        return ending.status()
                + (ending.exitCode().isPresent() ? " exit " + ending.exitCode().getAsInt() : "");
    }
}
