package dev.muster.core.gossip;

import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// News on its way out: the newest about each member, told a limited number of times, the least told and newest first.
final class Rumors {
    /// Nothing smaller is worth looking for.
    private static final int SMALLEST = 32;

    /// So many that do not fit any more, and a letter is full enough: in a fleet that starts, thousands wait.
    private static final int TOO_LARGE_MAX = 16;

    private final Map<NodeId, Item> items = new HashMap<>();
    private final TreeSet<Item> order = new TreeSet<>(Comparator.comparingInt(Item::told)
            .thenComparing(Comparator.comparingLong(Item::number).reversed()));
    private long numbers;

    /// @param sinceMs when what it tells of began
    /// @param number  the newest has the largest
    private record Item(Rumor rumor, long sinceMs, long number, int told) {
        private Item toldAgain() {
            return new Item(rumor, sinceMs, number, told + 1);
        }

        private Rumor aged(long nowMs) {
            if (rumor.opinion() == Opinion.ALIVE) return rumor;
            return new Rumor(
                    rumor.about(),
                    rumor.opinion(),
                    rumor.incarnation(),
                    rumor.by(),
                    Math.max(0, nowMs - sinceMs),
                    rumor.profile());
        }
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    /// @param told so often already, as far as one can guess
    void add(Rumor rumor, int told, long nowMs) {
        put(new Item(rumor, nowMs - rumor.forMs(), numbers++, told));
    }

    private void put(Item item) {
        drop(item.rumor.about());
        items.put(item.rumor.about(), item);
        order.add(item);
    }

    private void drop(NodeId about) {
        Item before = items.remove(about);
        if (before != null) order.remove(before);
    }

    /// What goes into the next letter.
    ///
    /// @param first    goes in whatever else there is
    /// @param bytes    of all together, more or less
    /// @param tellings after which a rumor is no news any more
    List<Rumor> next(Optional<Rumor> first, int bytes, int tellings, long nowMs) {
        List<Rumor> chosen = new ArrayList<>();
        first.ifPresent(chosen::add);
        int room = bytes - first.map(Rumor::size).orElse(0);
        List<Item> told = new ArrayList<>();
        int tooLarge = 0;
        for (Item item : order) {
            if (room < SMALLEST || tooLarge == TOO_LARGE_MAX) break;
            boolean twice =
                    first.filter(one -> one.about().equals(item.rumor.about())).isPresent();
            if (twice) continue;
            int size = item.rumor.size();
            if (size > room) {
                tooLarge++;
                continue;
            }
            room -= size;
            told.add(item);
        }
        for (Item item : told) {
            chosen.add(item.aged(nowMs));
            if (item.told + 1 >= tellings) drop(item.rumor.about());
            else put(item.toldAgain());
        }
        return chosen;
    }
}
