package dev.muster.market;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// What somebody wants of an offer.
///
/// @param bid          $/h for the whole instance, interruptible; empty is on demand
/// @param diskGb       for good
/// @param env          variables, and docker's options as keys (`-p 8080:8080`), in the order they were written
/// @param stopped      make it and do not start it
/// @param failUnlessUp nothing is made that could not start now
public record Order(
        long ask,
        String image,
        double diskGb,
        OptionalDouble bid,
        Optional<String> label,
        Map<String, String> env,
        Optional<String> onstart,
        String runtype,
        Optional<String> template,
        boolean stopped,
        boolean failUnlessUp) {
    static final int IMAGE_MAX = 1024;
    static final int ONSTART_MAX = 4048;
    static final int LABEL_MAX = 256;
    static final int ENV_MAX = 32_768;
    /// The schema's least; disks are not made smaller.
    static final double DISK_MIN = 8;

    public Order {
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
    }

    /// On demand, with a small disk and nothing else.
    public static Order of(long ask) {
        return new Order(
                ask,
                "pytorch/pytorch",
                10,
                OptionalDouble.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                "ssh",
                Optional.empty(),
                false,
                true);
    }

    public Order withBid(double dollarsPerHour) {
        return new Order(
                ask,
                image,
                diskGb,
                OptionalDouble.of(dollarsPerHour),
                label,
                env,
                onstart,
                runtype,
                template,
                stopped,
                failUnlessUp);
    }

    public Order withLabel(String text) {
        return new Order(
                ask, image, diskGb, bid, Optional.of(text), env, onstart, runtype, template, stopped, failUnlessUp);
    }

    public Order withDisk(double gb) {
        return new Order(ask, image, gb, bid, label, env, onstart, runtype, template, stopped, failUnlessUp);
    }

    /// What is wrong with it by itself; empty when nothing is.
    Optional<String> fault(int diskGbMax) {
        int chars = env.entrySet().stream()
                .mapToInt(entry -> entry.getKey().length() + entry.getValue().length())
                .sum();
        if (image.isBlank()) return Optional.of("image is missing");
        if (image.length() > IMAGE_MAX) return Optional.of("image is longer than " + IMAGE_MAX);
        if (onstart.orElse("").length() > ONSTART_MAX) return Optional.of("onstart is longer than " + ONSTART_MAX);
        if (label.orElse("").length() > LABEL_MAX) return Optional.of("label is longer than " + LABEL_MAX);
        if (chars > ENV_MAX) return Optional.of("env is longer than " + ENV_MAX);
        if (!(diskGb >= DISK_MIN && diskGb <= diskGbMax))
            return Optional.of("disk must be " + DISK_MIN + " to " + diskGbMax + " GB, but is " + diskGb);
        return Optional.empty();
    }
}
