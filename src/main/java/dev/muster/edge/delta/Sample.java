package dev.muster.edge.delta;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// Says from a few MiB what a delta would come to, before anybody reads whole files.
public final class Sample {
    /// 32 places of 64 KiB, and as much of the old file for each way to lay them.
    private static final int PLACES = 32;

    private static final int PLACE_BYTES = 64 << 10;

    private Sample() {}

    /// The likely ratio of a delta, between 0 and 1; 1 for an empty file. What moved within a file of an unknown format is not found
    /// here, as it would be by encoding, so this errs on the side of not trying.
    public static double estimate(Path oldFile, Path newFile) throws IOException {
        try (FileChannel olds = FileChannel.open(oldFile);
                FileChannel news = FileChannel.open(newFile);
                BlockCoder coder = new BlockCoder(news, olds)) {
            Aligner aligner = new Aligner(Layout.of(news), Layout.of(olds));
            long[] shifts = {0, olds.size() - news.size()};
            double sum = 0;
            long bytes = 0;
            for (int i = 0; i < PLACES; i++) {
                long at = place(i, news.size());
                Aligner.Stretch stretch = aligner.next(at, Math.min(news.size(), at + PLACE_BYTES));
                int n = (int) (stretch.to() - at);
                if (n == 0) continue;
                sum += n * coder.estimate(at, n, stretch, shifts);
                bytes += n;
            }
            return bytes == 0 ? 1 : sum / bytes;
        }
    }

    private static long place(int i, long size) {
        return Math.max(0, size - PLACE_BYTES) / (PLACES - 1) * i;
    }
}
