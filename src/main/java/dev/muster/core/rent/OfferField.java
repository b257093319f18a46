package dev.muster.core.rent;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// The names that conditions on offers may have: Vast's, whose query words people know, for every provider.
public final class OfferField {
    public static final String GPU = "gpu_name";
    public static final String GPUS = "num_gpus";
    public static final String VRAM = "gpu_ram";
    public static final String DISK = "disk_space";
    public static final String PRICE = "dph_total";
    public static final String RELIABILITY = "reliability";
    public static final String REGION = "geolocation";
    public static final String DRIVER = "driver_version";

    /// As Vast's command line takes them, from version 1.5 of it.
    private static final List<String> KNOWN =
            List.of(("bw_nvlink compute_cap cpu_arch cpu_cores cpu_cores_effective cpu_ghz cpu_ram "
                            + "cuda_max_good datacenter direct_port_count disk_bw disk_space dlperf "
                            + "dlperf_per_dphtotal dph_total driver_version duration external "
                            + "flops_per_dphtotal geolocation gpu_arch gpu_display_active gpu_frac "
                            + "gpu_max_power gpu_max_temp gpu_mem_bw gpu_name gpu_ram gpu_total_ram has_avx "
                            + "host_id id inet_down inet_down_cost inet_up inet_up_cost machine_id min_bid "
                            + "mobo_name num_gpus pci_gen pcie_bw reliability rentable rented static_ip "
                            + "storage_cost total_flops ubuntu_version verification verified vms_enabled "
                            + "cluster_id score")
                    .split(" "));

    private static final TreeMap<String, String> ALIASES = new TreeMap<>();
    private static final TreeMap<String, Double> FACTORS = new TreeMap<>();
    private static final TreeMap<String, String> SUBJECTS = new TreeMap<>();

    static {
        ALIASES.put("cuda_vers", "cuda_max_good");
        ALIASES.put("display_active", "gpu_display_active");
        ALIASES.put("dlperf_usd", "dlperf_per_dphtotal");
        ALIASES.put("dph", PRICE);
        ALIASES.put("flops_usd", "flops_per_dphtotal");
        ALIASES.put("price", PRICE);
        ALIASES.put("region", REGION);
        FACTORS.put("cpu_ram", 1000.0);
        FACTORS.put(VRAM, 1000.0);
        FACTORS.put("gpu_total_ram", 1000.0);
        FACTORS.put("duration", 86_400.0);
        SUBJECTS.put(PRICE, "price");
        SUBJECTS.put(GPU, "GPU");
        SUBJECTS.put(GPUS, "number of GPUs");
        SUBJECTS.put(VRAM, "VRAM");
        SUBJECTS.put("gpu_total_ram", "VRAM");
        SUBJECTS.put(DISK, "disk");
        SUBJECTS.put(REGION, "region");
        SUBJECTS.put("verified", "not verified");
        SUBJECTS.put("verification", "not verified");
        SUBJECTS.put("rentable", "not rentable");
        SUBJECTS.put("rented", "rented");
        SUBJECTS.put("external", "external");
    }

    private static final List<String> WORDS =
            List.of("cpu_arch gpu_arch gpu_name geolocation mobo_name verification ubuntu_version".split(" "));
    private static final List<String> FLAGS = List.of(
            "datacenter external gpu_display_active has_avx rentable rented static_ip verified vms_enabled".split(" "));
    /// Numbers with one provider, and words with another.
    private static final List<String> NAMES = List.of("id", "host_id", "machine_id", "cluster_id", DRIVER);

    private OfferField() {}

    /// All words that a query may begin with, aliases too.
    public static List<String> words() {
        List<String> words = new ArrayList<>(KNOWN);
        words.addAll(ALIASES.keySet());
        return words;
    }

    /// The field that a word means; empty when nobody knows it.
    static Optional<String> of(String word) {
        String field = ALIASES.getOrDefault(word, word);
        return KNOWN.contains(field) ? Optional.of(field) : Optional.empty();
    }

    /// By what the number of a query is multiplied: gigabytes to megabytes, days to seconds.
    static OptionalDouble factor(String field) {
        Double factor = FACTORS.get(field);
        return factor == null ? OptionalDouble.empty() : OptionalDouble.of(factor);
    }

    /// Is it a count or an amount, which is 0 or more?
    static boolean isNumber(String field) {
        return !WORDS.contains(field) && !FLAGS.contains(field) && !NAMES.contains(field);
    }

    /// What a person would call it.
    static String subject(String field) {
        return SUBJECTS.getOrDefault(field, field.replace('_', ' '));
    }
}
