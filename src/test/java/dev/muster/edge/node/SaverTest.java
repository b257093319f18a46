package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.DiskFloor;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Saved;
import dev.muster.core.state.Sync;
import dev.muster.edge.swarm.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an ended attempt has left is saved; no process and no cluster are needed to see that.
class SaverTest {
    private static final AttemptId ID = AttemptId.parse("j1.0.1");

    @TempDir
    Path data;

    private AttemptJournal journal;
    private Path work;

    @BeforeEach
    void begin() throws IOException {
        journal = AttemptJournal.open(data.resolve("jobs"), InstantSource.system());
        JobSpec spec = JobSpec.of("job", JobKind.OTHER, List.of("true"))
                .saving(new Sync(List.of("games/*", "elo.db"), Sync.EVERY_DEFAULT));
        journal.begin(ID, 7, spec, Saved.NOTHING);
        journal.running(ID, 4711);
        work = journal.work(ID);
        Files.createDirectories(work.resolve("games"));
    }

    private Saver saver(long reserve) throws IOException {
        return new Saver(
                journal,
                LocalFiles.open(data.resolve("store"), new Manifests(data.resolve("manifests")), reserve),
                Room.open(data, new DiskFloor(1, 1)),
                () -> {});
    }

    private Saved saved() {
        return journal.find(ID).orElseThrow().saved();
    }

    @Test
    void whatChangedIsSavedAndNothingElse() throws IOException {
        Files.writeString(work.resolve("games/a"), "one");
        Files.writeString(work.resolve("elo.db"), "no database, whatever its name");
        Files.writeString(work.resolve("other"), "not declared");
        Path outside = Files.writeString(data.resolve("outside"), "secret");
        Files.createSymbolicLink(work.resolve("games/link"), outside);
        Saver saver = saver(1);
        assertThat(saver.last(ID)).isEmpty();
        assertThat(saved().files().keys()).containsExactly("elo.db", "games/a");
        assertThat(saved().number()).isEqualTo(1);
        assertThat(saver.last(ID)).isEmpty();
        assertThat(saved().number()).isEqualTo(1);
        var before = saved().files().require("elo.db");
        Files.writeString(work.resolve("games/a"), "more");
        assertThat(saver.last(ID)).isEmpty();
        assertThat(saved().number()).isEqualTo(2);
        assertThat(saved().files().require("games/a").size()).isEqualTo(4);
        assertThat(saved().files().require("elo.db")).isEqualTo(before);
    }

    @Test
    void theNewestOfTooManyAreSavedAndItIsSaid() throws IOException {
        for (int i = 0; i < Saved.FILES_MAX + 3; i++) {
            Path file = Files.writeString(work.resolve("games/" + i), "game " + i);
            Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.fromMillis(1_000L * i));
        }
        assertThat(saver(1).last(ID).orElseThrow()).contains("256").contains("259");
        assertThat(saved().files().keys())
                .hasSize(Saved.FILES_MAX)
                .contains("games/258")
                .doesNotContain("games/0", "games/1", "games/2");
    }

    @Test
    void filesThatTakeTheOthersPlaceAreNotTooMany() throws IOException {
        for (int i = 0; i < Saved.FILES_MAX; i++) Files.writeString(work.resolve("games/old" + i), "game " + i);
        Saver saver = saver(1);
        assertThat(saver.last(ID)).isEmpty();
        for (int i = 0; i < Saved.FILES_MAX; i++)
            Files.move(work.resolve("games/old" + i), work.resolve("games/new" + i));
        assertThat(saver.last(ID)).isEmpty();
        assertThat(saved().files().keys()).hasSize(Saved.FILES_MAX).allMatch(path -> path.startsWith("games/new"));
    }

    @Test
    void whereThereIsNoRoomItIsSaidAndWhatWasSavedStays() throws IOException {
        Files.writeString(work.resolve("elo.db"), "one");
        assertThat(saver(1).last(ID)).isEmpty();
        var before = saved();
        Files.writeString(work.resolve("elo.db"), "two");
        assertThat(saver(Long.MAX_VALUE / 2).last(ID).orElseThrow())
                .startsWith("not saved: elo.db (")
                .contains("disk full");
        assertThat(saved()).isEqualTo(before);
    }

    @Test
    void whatHasGoneOnceStays() throws IOException {
        Path file = Files.writeString(work.resolve("elo.db"), "one");
        Saver saver = saver(1);
        saver.last(ID);
        Files.delete(file);
        assertThat(saver.last(ID)).isEmpty();
        assertThat(saved().files().keys()).containsExactly("elo.db");
    }
}
