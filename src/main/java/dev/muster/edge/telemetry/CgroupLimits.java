package dev.muster.edge.telemetry;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// What control groups allow this process: the size of a container is here, not in `/proc`. Versions 1 and 2; limits of
/// groups further up count too (see cgroups(7)).
///
/// @param memory     most bytes, empty if there is no limit
/// @param memoryUsed bytes used now, without file pages that the kernel would drop; empty if there is no limit
/// @param cores      processor time per time, empty if there is no limit
public record CgroupLimits(OptionalLong memory, OptionalLong memoryUsed, OptionalDouble cores) {
    static final CgroupLimits NONE =
            new CgroupLimits(OptionalLong.empty(), OptionalLong.empty(), OptionalDouble.empty());

    /// Version 1 says "no limit" as the largest multiple of a page in 63 bits, which depends on the page: anything
    /// near.
    private static final long NO_LIMIT_BYTES = 1L << 60;

    /// Bytes that may still be used; empty if there is no limit.
    public OptionalLong memoryFree() {
        return memory.isPresent() && memoryUsed.isPresent()
                ? OptionalLong.of(Math.max(0, memory.getAsLong() - memoryUsed.getAsLong()))
                : memory;
    }

    /// @param proc    `/proc`
    /// @param cgroups `/sys/fs/cgroup`
    static CgroupLimits read(Path proc, Path cgroups) {
        List<String> memberships = TextFile.read(proc.resolve("self/cgroup")).stream()
                .flatMap(String::lines)
                .toList();
        return memberships.stream().allMatch(line -> line.startsWith("0::"))
                ? version2(groups(cgroups, path(memberships, "")))
                : version1(
                        groups(cgroups.resolve("memory"), path(memberships, "memory")),
                        groups(cgroups.resolve("cpu"), path(memberships, "cpu")));
    }

    /// Lines are `id:controllers:path`; version 2 has no controllers.
    private static String path(List<String> memberships, String controller) {
        return memberships.stream()
                .map(line -> line.split(":", 3))
                .filter(parts ->
                        parts.length == 3 && List.of(parts[1].split(",")).contains(controller))
                .map(parts -> parts[2])
                .findFirst()
                .orElse("/");
    }

    /// The group and those above it. Inside a container the path may be the host's, which is not there: then only
    /// the root is, and that is the container's own group.
    private static List<Path> groups(Path root, String path) {
        List<Path> groups = new ArrayList<>();
        Path group = root.resolve(path.replaceFirst("^/+", "")).normalize();
        while (group != null && group.startsWith(root)) {
            groups.add(group);
            group = group.getParent();
        }
        return groups;
    }

    private static CgroupLimits version2(List<Path> groups) {
        return limits(groups, "memory.max", "memory.current", groups.stream().map(CgroupLimits::quota2));
    }

    /// `cpu.max` is `QUOTA PERIOD` or `max PERIOD`.
    private static Optional<Double> quota2(Path group) {
        String[] words =
                TextFile.read(group.resolve("cpu.max")).orElse("").strip().split(" ");
        return words.length == 2 ? quota(TextFile.number(words[0]), TextFile.number(words[1])) : Optional.empty();
    }

    private static Optional<Double> quota(Optional<Long> quota, Optional<Long> period) {
        return quota.filter(it -> it > 0)
                .flatMap(it -> period.filter(per -> per > 0).map(per -> (double) it / per));
    }

    private static CgroupLimits version1(List<Path> memory, List<Path> cpu) {
        return limits(
                memory,
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
                cpu.stream().map(CgroupLimits::quota1));
    }

    /// A quota of -1 is none.
    private static Optional<Double> quota1(Path group) {
        return quota(
                TextFile.number(group.resolve("cpu.cfs_quota_us")),
                TextFile.number(group.resolve("cpu.cfs_period_us")));
    }

    private record Memory(long limit, Path group) {}

    private static CgroupLimits limits(List<Path> groups, String limit, String usage, Stream<Optional<Double>> quotas) {
        Optional<Memory> tightest = groups.stream()
                .flatMap(group -> TextFile.number(group.resolve(limit)).map(it -> new Memory(it, group)).stream())
                .filter(memory -> memory.limit() < NO_LIMIT_BYTES)
                .min(Comparator.comparingLong(Memory::limit));
        OptionalDouble cores = quotas.flatMap(Optional::stream)
                .mapToDouble(Double::doubleValue)
                .min();
        return new CgroupLimits(
                tightest.map(it -> OptionalLong.of(it.limit())).orElse(OptionalLong.empty()),
                tightest.map(it -> used(it.group(), usage)).orElse(OptionalLong.empty()),
                cores);
    }

    private static OptionalLong used(Path group, String usage) {
        Optional<Long> used = TextFile.number(group.resolve(usage));
        // Version 1 counts the groups below only in its total.
        long droppable = Stream.of("total_inactive_file", "inactive_file")
                .flatMap(name -> TextFile.field(group.resolve("memory.stat"), name).stream())
                .findFirst()
                .orElse(0L);
        return used.map(it -> OptionalLong.of(Math.max(0, it - droppable))).orElse(OptionalLong.empty());
    }
}
