package dev.muster.edge.delta;

/// Where in the old file a piece with a certain key first occurs: a hash table of 16 bytes per slot.
final class PieceIndex {
    private long[] keys = new long[1024];
    private long[] offsets = new long[1024];
    private int count;

    /// The first offset given for a key stays.
    void add(long key, long offset) {
        if (count * 2 >= keys.length) grow();
        put(key == 0 ? 1 : key, offset);
    }

    /// -1 if there is none.
    long find(long key) {
        int slot = slot(key == 0 ? 1 : key);
        return keys[slot] == 0 ? -1 : offsets[slot];
    }

    private void put(long key, long offset) {
        int slot = slot(key);
        if (keys[slot] != 0) return;
        keys[slot] = key;
        offsets[slot] = offset;
        count++;
    }

    private int slot(long key) {
        int mask = keys.length - 1;
        int slot = (int) (key ^ key >>> 32) & mask;
        while (keys[slot] != 0 && keys[slot] != key) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldOffsets = offsets;
        keys = new long[oldKeys.length * 2];
        offsets = new long[oldKeys.length * 2];
        count = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0) put(oldKeys[i], oldOffsets[i]);
        }
    }
}
