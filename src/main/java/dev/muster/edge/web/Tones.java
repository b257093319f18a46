package dev.muster.edge.web;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Job;
import dev.muster.core.state.Run;
import dev.muster.core.state.Task;
import dev.muster.edge.view.JobRow;
import dev.muster.edge.view.NodeRow;
import dev.muster.edge.view.NodeText;
import dev.muster.edge.view.Picture;
import java.util.Locale;

/// Every state's sign.
final class Tones {
    private Tones() {}

    static Html chip(NodeRow node) {
        String word = NodeText.status(node);
        if (node.life() == Picture.Life.FENCED) return Tone.BAD.chip(word);
        if (node.life() == Picture.Life.SUSPECT || word.contains("disk")) return Tone.WARN.chip(word);
        if (node.life() == Picture.Life.UNKNOWN || node.desired() == Desired.RETIRED) return Tone.QUIET.chip(word);
        return (node.desired() == Desired.DRAINING ? Tone.BUSY : Tone.GOOD).chip(word);
    }

    static Html chip(JobRow job) {
        if (job.status() != Job.Status.OPEN) return chip(job.status());
        if (job.stopping().isPresent()) return Tone.WARN.chip("stopping");
        return job.running() > 0 ? Tone.BUSY.chip("running") : Tone.QUIET.chip("waiting");
    }

    static Html chip(Job.Status status) {
        Tone tone = switch (status) {
            case OPEN -> Tone.BUSY;
            case SUCCEEDED -> Tone.GOOD;
            case FAILED -> Tone.BAD;
            case CANCELLED -> Tone.QUIET;
        };
        return tone.chip(lower(status));
    }

    static Html chip(Task.Status status) {
        Tone tone = switch (status) {
            case WAITING, CANCELLED -> Tone.QUIET;
            case PLACED, RUNNING -> Tone.BUSY;
            case SUCCEEDED -> Tone.GOOD;
            case FAILED -> Tone.BAD;
        };
        return tone.chip(lower(status));
    }

    static Html chip(Attempt.Status status) {
        Tone tone = switch (status) {
            case PLACED, RUNNING -> Tone.BUSY;
            case SUCCEEDED -> Tone.GOOD;
            case FAILED -> Tone.BAD;
            case STOPPED -> Tone.QUIET;
            case LOST -> Tone.WARN;
        };
        return tone.chip(lower(status));
    }

    static Html chip(Run.Status status) {
        Tone tone = switch (status) {
            case OPEN -> Tone.BUSY;
            case SUCCEEDED -> Tone.GOOD;
            case REJECTED -> Tone.WARN;
            case FAILED -> Tone.BAD;
            case STOPPED -> Tone.QUIET;
        };
        return tone.chip(lower(status));
    }

    static Html chip(Run.Phase phase) {
        Tone tone = switch (phase) {
            case WAITING, SKIPPED -> Tone.QUIET;
            case RUNNING -> Tone.BUSY;
            case DONE, REUSED -> Tone.GOOD;
            case FAILED -> Tone.BAD;
        };
        return tone.chip(lower(phase));
    }

    static Html chip(Instance.Phase phase) {
        Tone tone = switch (phase) {
            case RUNNING -> Tone.GOOD;
            case ORDERED, STARTING, JOINING, DRAINING, STOPPING, ENDING -> Tone.BUSY;
            case OUTBID, ABANDONED -> Tone.WARN;
            case FAILED -> Tone.BAD;
            case STOPPED, ENDED -> Tone.QUIET;
        };
        return tone.chip(lower(phase));
    }

    /// @param level an alert's, in words
    static Html level(String level) {
        return level(level, level);
    }

    static Html level(String level, String words) {
        Tone tone = switch (level) {
            case "critical" -> Tone.BAD;
            case "unknown" -> Tone.UNSURE;
            default -> Tone.WARN;
        };
        return tone.chip(words);
    }

    static String lower(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }
}
