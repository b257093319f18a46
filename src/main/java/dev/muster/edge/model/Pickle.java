package dev.muster.edge.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The texts in a pickle, which is a program: none of it is run, only its string constants are looked at.
final class Pickle {
    /// Under which the trainers keep what made the model.
    static final String KEY = "_versioning_metadata";

    private static final int WORDS_MAX = 40;
    private static final int WORD_MAX = 200;
    private static final int SHORT_BINUNICODE = 0x8c;

    private Pickle() {}

    /// The string constants after [#KEY], in their order: keys and those values that are texts.
    static List<String> words(byte[] pickle) {
        int at = indexOf(pickle, KEY.getBytes(StandardCharsets.US_ASCII));
        if (at < 0) return List.of();
        ByteBuffer bytes = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(at + KEY.length());
        List<String> words = new ArrayList<>();
        while (bytes.hasRemaining() && words.size() < WORDS_MAX) {
            int opcode = bytes.get() & 0xff;
            int length = length(opcode, bytes);
            if (length <= 0 || length > Math.min(WORD_MAX, bytes.remaining())) continue;
            byte[] word = new byte[length];
            int from = bytes.position();
            bytes.get(from, word);
            if (!isPlain(word)) continue;
            words.add(new String(word, StandardCharsets.UTF_8));
            bytes.position(from + length);
        }
        return words;
    }

    /// A text entry of the archive itself.
    static List<String> lines(byte[] text) {
        return new String(text, StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceAll("\\p{Cntrl}", "").strip())
                .filter(line -> !line.isEmpty())
                .map(line -> line.substring(0, Math.min(WORD_MAX, line.length())))
                .limit(WORDS_MAX)
                .toList();
    }

    /// Looks ahead, and moves on only behind what is a length; -1 where no text begins.
    private static int length(int opcode, ByteBuffer bytes) {
        if (opcode == 'X' && bytes.remaining() >= 4) {
            int length = bytes.getInt(bytes.position());
            if (length <= 0 || length > WORD_MAX) return -1;
            bytes.position(bytes.position() + 4);
            return length;
        }
        return opcode == SHORT_BINUNICODE && bytes.hasRemaining() ? bytes.get() & 0xff : -1;
    }

    private static boolean isPlain(byte[] word) {
        for (byte letter : word) if (letter >= 0 && letter < ' ' || letter == 0x7f) return false;
        return true;
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        outer:
        for (int at = 0; at <= bytes.length - wanted.length; at++) {
            for (int index = 0; index < wanted.length; index++) {
                if (bytes[at + index] != wanted[index]) continue outer;
            }
            return at;
        }
        return -1;
    }
}
