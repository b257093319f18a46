package dev.muster.edge.config;

import dev.muster.core.state.Bytes;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The GPUs that a run needs, as people write it: `A100`, `A100:2`, `A100:40GB..80GB:1`, `24GB..:1`, `none`.
///
/// @param name part of the card's name; empty: any
/// @param low  memory of each
/// @param high likewise, at most
public record GpuWish(Optional<String> name, Optional<Bytes> low, Optional<Bytes> high, int count) {
    public static final GpuWish NONE = new GpuWish(Optional.empty(), Optional.empty(), Optional.empty(), 0);

    private static final int COUNT_MAX = 64;
    private static final String SIZE = "\\d+(?:\\.\\d+)?\\s*[KMGT]i?B";
    private static final Pattern WISH = Pattern.compile("(?:(?<name>[A-Za-z][A-Za-z0-9 _-]*))?" + "(?::?(?<low>" + SIZE
            + ")?(?<dots>\\.\\.)?(?<high>" + SIZE + ")?)??(?::?(?<count>\\d{1,2}))?");

    /// @throws IllegalArgumentException when it cannot be understood
    public static GpuWish parse(String text) {
        String written = text.strip();
        if (written.equalsIgnoreCase("none") || written.equals("0")) return NONE;
        Matcher wish = WISH.matcher(written);
        if (written.isEmpty() || !wish.matches()) throw wrong(text);
        Optional<Bytes> low = Optional.ofNullable(wish.group("low")).map(Bytes::parse);
        Optional<Bytes> high = Optional.ofNullable(wish.group("high")).map(Bytes::parse);
        if (low.isPresent() && high.isPresent() && low.get().compareTo(high.get()) > 0) throw wrong(text);
        int count = wish.group("count") == null ? 1 : Integer.parseInt(wish.group("count"));
        if (count < 1 || count > COUNT_MAX) throw wrong(text);
        return new GpuWish(Optional.ofNullable(wish.group("name")).map(String::strip), low, high, count);
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                "expected GPUs, as in A100, A100:2 or A100:40GB..80GB:1, but found \"" + text + "\"");
    }
}
