package dev.muster.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeSet;

/// What who starts and ends processes relies on: they are started once, ended once, and never touched after the end.
final class Alternation {
    private final TreeSet<Long> up = new TreeSet<>();
    private final TreeSet<Long> gone = new TreeSet<>();

    void check(List<Happening> happened) {
        for (int i = 1; i < happened.size(); i++)
            assertThat(happened.get(i).at())
                    .isAfterOrEqualTo(happened.get(i - 1).at());
        for (Happening happening : happened) {
            long id = happening.instance();
            assertThat(gone).as("%s", happening).doesNotContain(id);
            switch (happening) {
                case Happening.Booted booted ->
                    assertThat(up.add(id)).as("%s", booted).isTrue();
                case Happening.Halted halted ->
                    assertThat(up.remove(id)).as("%s", halted).isTrue();
                case Happening.Wiped wiped -> assertThat(up).as("%s", wiped).doesNotContain(id);
                case Happening.Destroyed destroyed -> {
                    up.remove(id);
                    gone.add(id);
                }
                case Happening.Created created -> {}
                case Happening.Queued queued -> {}
                case Happening.Failed failed -> assertThat(up).as("%s", failed).doesNotContain(id);
                case Happening.KeysChanged changed -> {}
                case Happening.RiseOffered offered -> {}
            }
        }
    }
}
