package dev.muster.core.alert;

import static dev.muster.core.Story.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.alert.LastWatch.Word;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LastWatchTest {
    private static final LastWatch NEW = new LastWatch(Optional.empty(), false);

    @Test
    void anElectionIsNoNews() {
        LastWatch watch = NEW.at(START, false);
        assertThat(watch.word(START.plusSeconds(119), true)).isEqualTo(Word.NOTHING);
        assertThat(watch.at(START.plusSeconds(119), true).word(START.plusSeconds(300), true))
                .isEqualTo(Word.NOTHING);
    }

    @Test
    void oneVoterTellsThatThereIsNoLeaderAndWhenThereIsOneAgain() {
        LastWatch watch = NEW.at(START, false).at(START.plusSeconds(100), false);
        assertThat(watch.word(START.plusSeconds(120), false)).isEqualTo(Word.NOTHING);
        assertThat(watch.word(START.plusSeconds(120), true)).isEqualTo(Word.NO_LEADER);
        LastWatch told = watch.saying(true);
        assertThat(told.word(START.plusSeconds(1_000), false))
                .as("it goes on until every channel has taken it")
                .isEqualTo(Word.NO_LEADER);
        LastWatch over = told.at(START.plusSeconds(1_001), true);
        assertThat(over.word(START.plusSeconds(1_001), false))
                .as("whoever told the first tells the second")
                .isEqualTo(Word.OVER);
        assertThat(over.saying(false).word(START.plusSeconds(1_002), true)).isEqualTo(Word.NOTHING);
    }
}
