package dev.muster.core.scale;

import dev.muster.core.state.Instance;
import java.util.List;

/// What is to become of a group's size now, and why.
sealed interface Size {
    String why();

    /// @param more  machines that are still missing
    /// @param claim waiting tasks that one of them is for
    record Up(int more, int claim, String why) implements Size {}

    record Down(List<Instance> machines, String why) implements Size {
        public Down {
            machines = List.copyOf(machines);
        }
    }

    record Stay(String why) implements Size {}
}
