package dev.muster.core.check;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What a node measured of itself at one moment.
///
/// @param version       of the agent
/// @param leaderVersion of the leader's agent; absent while none was heard
/// @param python        absent where nobody asked for one: see [Expected]
/// @param clock         against the leader's
/// @param clockSync     whether the system says that its clock follows a time server
/// @param dataDir       why the data directory cannot be written; empty when it can
public record Readings(
        String version,
        Optional<String> leaderVersion,
        Optional<Measured<Python>> python,
        Measured<Gpus> gpus,
        Measured<Room> disk,
        Measured<Room> inodes,
        Measured<String> dataDir,
        Measured<Room> memory,
        Measured<Skew> clock,
        Measured<Boolean> clockSync,
        Measured<Room> openFiles,
        Measured<Room> systemFiles,
        Measured<Models> models) {

    /// Something that may run out.
    ///
    /// @param total 0: there is no limit
    public record Room(long total, long free) {
        public double freeShare() {
            return total <= 0 ? 1 : Math.clamp((double) free / total, 0, 1);
        }

        double usedShare() {
            return 1 - freeShare();
        }
    }

    /// How far this clock is ahead of the leader's.
    ///
    /// @param bound the truth is within this of `ahead`
    public record Skew(Duration ahead, Duration bound) {}

    /// @param version      as in `3.11.4`; empty when it does not run
    /// @param torch        its version; absent when it cannot be imported
    /// @param torchFailure why not; empty when it can, or nobody tried
    /// @param cudaDevices  that PyTorch sees; -1 where it was not asked
    /// @param missing      modules that were asked for and are not there
    public record Python(
            String version, Optional<String> torch, String torchFailure, int cudaDevices, List<String> missing) {
        public Python {
            missing = List.copyOf(missing);
        }

        /// There is none, or it does not run.
        public static Python none(String why) {
            return new Python("", Optional.empty(), why, -1, List.of());
        }

        boolean runs() {
            return !version.isEmpty();
        }
    }

    /// @param count    that the driver answered for; 0 without a driver
    /// @param driver   its version; empty without one
    /// @param problems GPUs or figures that it could not answer for
    public record Gpus(int count, String driver, List<String> problems) {
        public static final Gpus NONE = new Gpus(0, "", List.of());

        public Gpus {
            problems = List.copyOf(problems);
        }
    }

    /// The current models' names on this node.
    ///
    /// @param whole   names that are as they should be
    /// @param waiting models whose file is not here yet; they are fetched, which is no fault of the names
    /// @param broken  what is wrong with the others, a few words each
    public record Models(int whole, int waiting, List<String> broken) {
        public Models {
            broken = List.copyOf(broken);
        }
    }
}
