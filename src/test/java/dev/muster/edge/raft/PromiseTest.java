package dev.muster.edge.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromiseTest {
    @TempDir
    Path dir;

    @Test
    void aForgottenVoteIsGivenAwayInTheTermThatWasKept() throws Exception {
        Path meta = Files.writeString(dir.resolve("raft-meta"), "term=7\nvotedFor=n2\n");
        Promise promise = Promise.open(dir, dir, "n1");
        promise.keep(9); // nothing is lost yet
        Files.writeString(meta, "");
        assertThatThrownBy(() -> Promise.open(dir, dir, "n1"))
                .isInstanceOfSatisfying(
                        VoterFailure.class,
                        failure -> assertThat(failure.kind()).isEqualTo(VoterFailure.Kind.DAMAGED));

        promise.keep(12);
        Promise.open(dir, dir, "n1");

        assertThat(meta).content().contains("term=12", "votedFor=n1");
        Files.writeString(meta, "");
        assertThatThrownBy(() -> Promise.open(dir, dir, "n1"))
                .as("a term that was kept once is too old the next time")
                .isInstanceOf(VoterFailure.class);
    }
}
