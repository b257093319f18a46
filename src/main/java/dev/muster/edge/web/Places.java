package dev.muster.edge.web;

import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.JobId;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.RunId;

/// Where things have their pages.
public final class Places {
    private Places() {}

    public static String node(NodeId node) {
        return "/nodes/" + Query.encoded(node.name());
    }

    public static String job(JobId job) {
        return "/jobs/" + Query.encoded(job.toString());
    }

    public static String attempt(AttemptId attempt) {
        return job(attempt.task().job()) + "?attempt=" + Query.encoded(attempt.toString());
    }

    public static String model(ConfigKey config) {
        return "/models/" + Query.encoded(config.name());
    }

    public static String run(RunId run) {
        return "/runs/" + Query.encoded(run.toString());
    }

    public static String alerts() {
        return "/alerts";
    }

    /// @param pattern as it stands in the form at first; may be empty
    static String silence(String pattern) {
        return alerts() + "/silence" + (pattern.isEmpty() ? "" : "?pattern=" + Query.encoded(pattern));
    }

    static String endSilence(String id) {
        return alerts() + "/silences/" + Query.encoded(id) + "/end";
    }

    /// What happened to something, as `node/n1`.
    static String events(String subject) {
        return "/events?within=" + Query.encoded(subject);
    }

    static Html link(NodeId node) {
        return new Html().link(node(node), node.name());
    }

    static Html link(JobId job) {
        return new Html().link(job(job), job.toString());
    }
}
