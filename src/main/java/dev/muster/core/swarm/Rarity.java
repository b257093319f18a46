package dev.muster.core.swarm;

/// The chunks by how rare they are: copies held plus copies on their way. Small numbers have a band each, large ones
/// share bands an eighth of an octave wide, so that there are few bands to look through however many nodes there are.
final class Rarity {
    private static final int EXACT = 16;

    private final int words;
    private final int[] copies;
    private final int[] members = new int[band(Integer.MAX_VALUE) + 1];
    private final long[][] bands = new long[members.length][];

    Rarity(int chunks) {
        words = Bits.words(chunks);
        copies = new int[chunks];
        bands[0] = new long[words];
        Bits.fill(bands[0], chunks);
        members[0] = chunks;
    }

    static int band(int copies) {
        if (copies < EXACT) return copies;
        int octave = 31 - Integer.numberOfLeadingZeros(copies);
        return EXACT + (octave - 4) * 8 + ((copies >>> octave - 3) & 7);
    }

    int bands() {
        return members.length;
    }

    boolean isEmpty(int band) {
        return members[band] == 0;
    }

    /// The chunks of a band that is not empty.
    long[] chunks(int band) {
        return bands[band];
    }

    int copies(int chunk) {
        return copies[chunk];
    }

    void add(int chunk, int change) {
        int before = band(copies[chunk]);
        copies[chunk] += change;
        int after = band(copies[chunk]);
        if (before == after) return;
        Bits.clear(bands[before], chunk);
        members[before]--;
        if (bands[after] == null) bands[after] = new long[words];
        Bits.set(bands[after], chunk);
        members[after]++;
    }
}
