package dev.muster.edge.program;

import dev.muster.edge.cli.Programs;

/// All programs of a full installation.
public final class MusterPrograms {
    private MusterPrograms() {}

    public static Programs all() {
        return new Programs(
                UpProgram::run,
                DownProgram::run,
                ClusterPrograms::init,
                ClusterPrograms::join,
                ClusterPrograms::token,
                DemoProgram::run,
                VastSimProgram::run);
    }
}
