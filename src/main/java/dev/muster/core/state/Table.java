package dev.muster.core.state;

import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// An immutable sorted map: `with` and `without` give a new table that shares nearly all of the old one, so a reader
/// keeps a consistent state for as long as it likes. Iteration is in key order, the same on every voter.
public final class Table<K extends Comparable<? super K>, V> implements Iterable<Map.Entry<K, V>> {
    private final PSortedMap<K, V> map;

    private Table(PSortedMap<K, V> map) {
        this.map = map;
    }

    public static <K extends Comparable<? super K>, V> Table<K, V> empty() {
        PSortedMap<K, V> none = TreePMap.empty();
        return new Table<>(none);
    }

    public static <K extends Comparable<? super K>, V> Table<K, V> copyOf(Map<K, V> entries) {
        PSortedMap<K, V> none = TreePMap.empty();
        return new Table<>(none.plusAll(entries));
    }

    public Optional<V> find(K key) {
        return Optional.ofNullable(map.get(key));
    }

    /// @throws NoSuchElementException when the key is absent: the caller's state is inconsistent
    public V require(K key) {
        V value = map.get(key);
        if (value == null) throw new NoSuchElementException("expected an entry for " + key + ", but there is none");
        return value;
    }

    public V getOrDefault(K key, V absent) {
        V value = map.get(key);
        return value == null ? absent : value;
    }

    public boolean has(K key) {
        return map.containsKey(key);
    }

    public Table<K, V> with(K key, V value) {
        return new Table<>(map.plus(key, value));
    }

    public Table<K, V> without(K key) {
        return map.containsKey(key) ? new Table<>(map.minus(key)) : this;
    }

    /// The entries whose keys are `from` or greater, in order.
    public Table<K, V> from(K from) {
        return new Table<>(map.tailMap(from));
    }

    /// The entries whose keys are `from` or greater and less than `to`, in order.
    public Table<K, V> range(K from, K to) {
        return new Table<>(map.subMap(from, to));
    }

    public Optional<K> first() {
        return map.isEmpty() ? Optional.empty() : Optional.of(map.firstKey());
    }

    public Optional<K> last() {
        return map.isEmpty() ? Optional.empty() : Optional.of(map.lastKey());
    }

    public int size() {
        return map.size();
    }

    public boolean isEmpty() {
        return map.isEmpty();
    }

    public Set<K> keys() {
        return map.keySet();
    }

    public Collection<V> values() {
        return map.values();
    }

    /// A read-only view as a map.
    public Map<K, V> asMap() {
        return map;
    }

    @Override
    public Iterator<Map.Entry<K, V>> iterator() {
        return map.entrySet().iterator();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Table<?, ?> table && map.equals(table.map);
    }

    @Override
    public int hashCode() {
        return map.hashCode();
    }

    @Override
    public String toString() {
        return map.toString();
    }
}
