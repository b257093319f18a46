package dev.muster.core.rent;

import dev.muster.core.hosts.GpuSpec;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// GPUs as providers name them, and as people write them: `RTX_3070`, `rtx 3070`, `GeForce RTX 3070`, `3070`.
public final class GpuName {
    /// As Vast.ai spells them. A provider may know others: then its own list counts, too.
    private static final List<String> KNOWN =
            List.of(("A10,A100 PCIE,A100 SXM4,A100X,A16,A30,A40,A6000,B200,B300 SXM,GH200 SXM,"
                            + "GTX 1050,GTX 1050 Ti,GTX 1060,GTX 1070,GTX 1070 Ti,GTX 1080,GTX 1080 Ti,"
                            + "GTX 1650,GTX 1650 S,GTX 1660,GTX 1660 S,GTX 1660 Ti,H100 NVL,H100 PCIE,H100 SXM,"
                            + "H200,H200 NVL,L4,L40,L40S,Q RTX 4000,Q RTX 6000,Q RTX 8000,RTX 2000Ada,RTX 2060,"
                            + "RTX 2060S,RTX 2070,RTX 2070S,RTX 2080,RTX 2080 Ti,RTX 2080S,RTX 3050,RTX 3060,"
                            + "RTX 3060 Ti,RTX 3060 laptop,RTX 3070,RTX 3070 Ti,RTX 3080,RTX 3080 Ti,RTX 3090,"
                            + "RTX 3090 Ti,RTX 4000Ada,RTX 4060,RTX 4060 Ti,RTX 4070,RTX 4070 Ti,RTX 4070S,"
                            + "RTX 4070S Ti,RTX 4080,RTX 4080S,RTX 4090,RTX 4090D,RTX 4500Ada,RTX 5000Ada,"
                            + "RTX 5060,RTX 5060 Ti,RTX 5070,RTX 5070 Ti,RTX 5080,RTX 5090,RTX 5880Ada,"
                            + "RTX 6000Ada,RTX A2000,RTX A4000,RTX A4500,RTX A5000,RTX A6000,RTX PRO 4000,"
                            + "RTX PRO 4500,RTX PRO 5000,RTX PRO 6000 S,RTX PRO 6000 WS,Tesla K80,Tesla P100,"
                            + "Tesla P4,Tesla P40,Tesla T4,Tesla V100,Titan RTX,Titan V,Titan X,Titan Xp")
                    .split(","));

    /// What stays the same of each: planners ask for it every second.
    private static final TreeMap<String, String> KEYS = new TreeMap<>();

    static {
        for (String name : KNOWN) KEYS.put(name, key(name));
    }

    private static final String FORM = "(sxm|pcie|nvl|x)";

    private GpuName() {}

    /// All names that are known here.
    public static List<String> known() {
        return KNOWN;
    }

    /// Do both mean the same card?
    public static boolean same(String one, String other) {
        return key(one).equals(key(other));
    }

    /// The names that are meant: one card, or all forms of it (`A100`, `H100`).
    ///
    /// @param more names that the provider knows besides
    /// @return empty when nobody knows such a card
    public static List<String> find(String written, Collection<String> more) {
        List<String> all =
                Stream.concat(more.stream(), KNOWN.stream()).distinct().toList();
        String key = key(written);
        if (key.isEmpty()) return List.of();
        for (String tried : List.of(key, "rtx" + key, "gtx" + key)) {
            List<String> exact = all.stream()
                    .filter(name -> keyOf(name).equals(tried))
                    .limit(1)
                    .toList();
            if (!exact.isEmpty()) return exact;
        }
        return all.stream()
                .filter(name -> keyOf(name).matches(Pattern.quote(key) + FORM))
                .toList();
    }

    private static String keyOf(String name) {
        String known = KEYS.get(name);
        return known == null ? key(name) : known;
    }

    /// What stays the same however it is written.
    public static String key(String written) {
        String key = GpuSpec.parse(written).name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
        return key.replaceAll("nvidia|geforce|tesla|generation", "")
                .replace("quadro", "q")
                .replace("super", "s")
                .replaceAll("sti$", "tis")
                .replaceAll("sxm\\d$", "sxm");
    }
}
