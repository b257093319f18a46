package dev.muster.core.hosts;

import dev.muster.core.state.Bytes;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A host's GPUs as people spell them: `8x RTX 4090`, `A100D-20C (vGPU)`, `M3 Max (MPS)`, `GH200 (96 GB)`, `none`.
///
/// @param count  0 when there is none; then the name is empty
/// @param name   without maker and memory: `RTX 4090`, `GH200`
/// @param each   memory of one, where it is known
/// @param shared how it is had, where that was said
public record GpuSpec(int count, String name, Optional<Bytes> each, Kind shared) {
    public enum Kind {
        /// A whole card.
        WHOLE,
        /// A part of a card (`vGPU`).
        PART,
        /// It shares the machine's memory (Apple's).
        UNIFIED
    }

    public static final GpuSpec NONE = new GpuSpec(0, "", Optional.empty(), Kind.WHOLE);

    /// More in one machine are a slip of the keyboard.
    public static final int COUNT_MAX = 64;

    private static final Pattern COUNTED = Pattern.compile("(\\d{1,4})\\s*[xX×]\\s*(\\S.*)");
    private static final Pattern IN_ALL =
            Pattern.compile("\\(\\s*(\\d{1,5})\\s*Gi?B[^)]*\\)", Pattern.CASE_INSENSITIVE);
    private static final Pattern OF_EACH =
            Pattern.compile("(?<=[\\s-])(\\d{1,5})\\s*Gi?B\\b", Pattern.CASE_INSENSITIVE);
    private static final Pattern APPLE = Pattern.compile("(Apple )?M\\d\\b.*");

    /// @throws IllegalArgumentException when the count is not 0 to [#COUNT_MAX]
    public GpuSpec {
        if (count < 0 || count > COUNT_MAX) {
            throw new IllegalArgumentException("expected 0 to " + COUNT_MAX + " GPUs, but found " + count);
        }
    }

    /// Any text is taken: what is no count, memory or remark is the name.
    ///
    /// Memory in parentheses is all cards' together, as in `2x NVIDIA H100 (160GB)`; without them it is one's, as in
    /// `2x H100 80GB`.
    ///
    /// @throws IllegalArgumentException when the count is above [#COUNT_MAX]
    public static GpuSpec parse(String written) {
        String text = written.strip();
        if (isNone(text)) return NONE;
        Matcher counted = COUNTED.matcher(text);
        int count = counted.matches() ? Integer.parseInt(counted.group(1)) : 1;
        String rest = counted.matches() ? counted.group(2) : text;
        if (count == 0) return NONE;
        Optional<Bytes> each = memory(IN_ALL, rest).map(all -> new Bytes(all.count() / count));
        if (each.isEmpty()) each = memory(OF_EACH, rest);
        return new GpuSpec(count, name(rest), each, kind(rest));
    }

    private static boolean isNone(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "", "none", "no", "n/a", "na", "null", "-", "cpu", "false", "0" -> true;
            default -> false;
        };
    }

    private static Optional<Bytes> memory(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(Bytes.gib(Long.parseLong(matcher.group(1)))) : Optional.empty();
    }

    private static Kind kind(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.contains("vgpu")) return Kind.PART;
        return lower.contains("mps")
                        || lower.contains("unified")
                        || APPLE.matcher(text).matches()
                ? Kind.UNIFIED
                : Kind.WHOLE;
    }

    private static String name(String text) {
        String name = OF_EACH.matcher(text.replace('_', ' ').replaceAll("\\([^)]*\\)", " "))
                .replaceAll(" ")
                .replaceAll("(?i)\\b(NVIDIA|GeForce|Apple)\\b", " ")
                .replaceAll("\\s+", " ")
                .replaceAll("[ -]+$", "")
                .strip();
        return name.isEmpty() || name.equalsIgnoreCase("true") ? "GPU" : name;
    }

    /// The count was said elsewhere, too, and that counts.
    ///
    /// @throws IllegalArgumentException when it is above [#COUNT_MAX]
    public GpuSpec of(int cards) {
        return cards == 0 ? NONE : new GpuSpec(cards, name.isEmpty() ? "GPU" : name, each, shared);
    }

    /// The memory of all cards together was said elsewhere, too, and that counts.
    public GpuSpec withMemory(Bytes all) {
        return count == 0 || all.count() == 0
                ? this
                : new GpuSpec(count, name, Optional.of(new Bytes(all.count() / count)), shared);
    }
}
