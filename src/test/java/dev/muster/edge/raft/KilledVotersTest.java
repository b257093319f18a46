package dev.muster.edge.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Voters in processes of their own, so that they can be killed.
@Tag("slow")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KilledVotersTest {
    private static final String TIMING = "400/800/1000";

    @TempDir
    Path dir;

    @Test
    void everyAcknowledgedEntrySurvivesAKilledLeaderInOrderAndOnce() throws Exception {
        try (VoterProcesses voters = started()) {
            String leader = voters.awaitReady().voter();
            List<String> acknowledged = new ArrayList<>();
            propose(voters, leader, "a", 2_000, 500, acknowledged);
            voters.kill(leader);
            String next = voters.await("another leader", line -> !line.voter().equals(leader) && ready(line))
                    .voter();
            propose(voters, next, "b", 300, 300, acknowledged);
            voters.start(leader);
            voters.await(
                    "its return",
                    line -> line.voter().equals(leader) && line.word(0).equals("started"));
            propose(voters, next, "c", 100, 100, acknowledged);

            verify(voters, acknowledged);
        }
    }

    @Test
    void everyAcknowledgedEntrySurvivesWhenAllVotersAreKilled() throws Exception {
        try (VoterProcesses voters = started()) {
            String leader = voters.awaitReady().voter();
            List<String> acknowledged = new ArrayList<>();
            propose(voters, leader, "a", 3_000, 700, acknowledged);
            for (String id : voters.ids()) voters.kill(id);
            voters.startAll();
            String next = voters.awaitReady().voter();
            propose(voters, next, "b", 50, 50, acknowledged);

            verify(voters, acknowledged);
        }
    }

    @Test
    void aLeaderThatWasAsleepWhileAnotherWasElectedDoesNotLeadOn() throws Exception {
        try (VoterProcesses voters = started()) {
            String sleeper = voters.awaitReady().voter();
            voters.signal(sleeper, "STOP");
            String next = voters.await("another leader", line -> !line.voter().equals(sleeper) && ready(line))
                    .voter();
            List<String> acknowledged = new ArrayList<>();
            propose(voters, next, "b", 10, 10, acknowledged);
            voters.tell(sleeper, "propose stale"); // read as soon as it wakes up
            voters.signal(sleeper, "CONT");
            VoterProcesses.Line fate = voters.await(
                    "a fate",
                    line -> line.voter().equals(sleeper) && line.word(0).equals("fate"));

            assertThat(fate.word(2)).isNotEqualTo("Applied");
            verify(voters, acknowledged);
        }
    }

    private VoterProcesses started() throws Exception {
        List<String> flags = new ArrayList<>(VoterProcesses.JVM_FLAGS);
        flags.add("-XX:TieredStopAtLevel=1");
        VoterProcesses voters = new VoterProcesses(dir, 3, flags, TIMING, "record");
        voters.startAll();
        return voters;
    }

    /// Proposes many at once and returns as soon as some are acknowledged, while the others are still on their way.
    private static void propose(
            VoterProcesses voters, String leader, String prefix, int count, int enough, List<String> acknowledged)
            throws Exception {
        for (int i = 0; i < count; i++) voters.tell(leader, "propose " + prefix + i);
        for (int got = 0; got < enough; ) {
            VoterProcesses.Line fate =
                    voters.await("fates of " + prefix, line -> line.word(0).equals("fate"));
            if (!fate.word(2).equals("Applied")) continue;
            acknowledged.add(fate.word(1));
            got++;
        }
    }

    /// All voters reach the same entries, and what was acknowledged is among them, in the order in which it was
    /// proposed, each once.
    private void verify(VoterProcesses voters, List<String> acknowledged) throws Exception {
        List<List<String>> all = new ArrayList<>();
        long deadline = System.nanoTime() + Voters.PATIENCE.toNanos();
        do {
            all.clear();
            for (String id : voters.ids()) all.add(entries(voters, id));
        } while (Set.copyOf(all).size() > 1 && System.nanoTime() < deadline);
        assertThat(Set.copyOf(all)).hasSize(1);
        List<String> entries = all.getFirst();
        assertThat(entries).doesNotHaveDuplicates().containsAll(acknowledged);
        entries = new ArrayList<>(entries);
        entries.retainAll(new LinkedHashSet<>(acknowledged));
        assertThat(entries).isEqualTo(acknowledged);
    }

    private List<String> entries(VoterProcesses voters, String id) throws Exception {
        Path file = dir.resolve(id + ".entries");
        voters.tell(id, "entries " + file);
        voters.await("entries", line -> line.voter().equals(id) && line.word(0).equals("entries"));
        return Files.readAllLines(file);
    }

    private static boolean ready(VoterProcesses.Line line) {
        return line.word(0).equals("role") && line.word(3).equals("ready");
    }
}
