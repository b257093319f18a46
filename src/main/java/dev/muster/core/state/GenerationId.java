package dev.muster.core.state;

import java.util.Comparator;

/// A config key's n-th turn of the loop, written `hex8_2p#3`; numbers count from 1.
public record GenerationId(ConfigKey config, int number) implements Comparable<GenerationId> {
    private static final Comparator<GenerationId> ORDER =
            Comparator.comparing(GenerationId::config).thenComparingInt(GenerationId::number);

    /// @throws IllegalArgumentException when the text is not of the form `hex8_2p#3`
    public static GenerationId parse(String text) {
        int mark = text.lastIndexOf('#');
        if (mark < 0) {
            throw new IllegalArgumentException("expected a generation such as hex8_2p#3, but found \"" + text + "\"");
        }
        return new GenerationId(new ConfigKey(text.substring(0, mark)), (int)
                Ids.number("a generation such as hex8_2p#3", "", text.substring(mark + 1)));
    }

    @Override
    public int compareTo(GenerationId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return config + "#" + number;
    }
}
