package dev.muster.edge.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.process.ProcTable.Identity;
import dev.muster.edge.process.ProcTable.Proc;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProcTableTest {
    @Test
    void aNameWithBracketsAndSpacesDoesNotShiftTheFields() {
        String stat = "4242 (a) R 1 (b) S 17 4242 4100 0 -1 4194304 1 0 0 0 1 2 3 4 20 0 1 0 987654 1 2 3\n";

        assertThat(ProcTable.parse(stat)).isEqualTo(new Proc(new Identity(4242, 987_654), 'S', 17, 4100));
    }

    @Test
    void theTableHoldsThisProcessAndItsParent() throws IOException {
        ProcessHandle self = ProcessHandle.current();

        Proc found = ProcTable.all().get(self.pid());

        assertThat(found.ppid()).isEqualTo(self.parent().map(ProcessHandle::pid).orElse(0L));
        assertThat(ProcTable.alive(found.identity())).isTrue();
        assertThat(ProcTable.alive(new Identity(self.pid(), found.identity().startTicks() + 1)))
                .isFalse();
    }

    @Test
    void aPidThatNobodyHasIsNotFound() throws IOException {
        assertThat(ProcTable.find(1L << 40)).isEmpty();
        assertThat(ProcTable.startedWith(1L << 40, "PATH")).isEmpty();
    }

    @Test
    void theEnvironmentThatAProcessStartedWithIsRead() {
        String home = System.getenv("HOME");

        assertThat(ProcTable.startedWith(ProcessHandle.current().pid(), "HOME")).isEqualTo(home == null ? "" : home);
        assertThat(ProcTable.startedWith(ProcessHandle.current().pid(), "NO_SUCH_NAME_HERE"))
                .isEmpty();
    }
}
