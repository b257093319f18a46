package dev.muster.core.rent;

import dev.muster.core.state.Money;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// One machine, as it is ordered.
///
/// @param label   our own name for it, never used before: a lost answer is found by it
/// @param offer   the offer's id
/// @param diskGb  cannot be changed later
/// @param image   for providers with containers; others ignore it
/// @param onstart a shell script that runs when it starts; may be empty
/// @param env     the machine's environment; may hold secrets, so it is never shown
/// @param ports   to be reached from outside, as in `8770/tcp`; for providers that map ports
/// @param bid     per hour of the whole machine; empty for the price on demand
/// @param sshKey  a public key that may log in; may be empty
public record RentOrder(
        String label,
        String offer,
        int diskGb,
        String image,
        String onstart,
        SortedMap<String, String> env,
        List<String> ports,
        Optional<Money> bid,
        String sshKey) {
    public static final int LABEL_MAX = 64;
    /// Characters that providers take.
    public static final int ONSTART_MAX = 4048;

    /// `[HOST[:PORT]/]NAME[/NAME]...[:TAG][@DIGEST]`, as registries have it.
    private static final Pattern IMAGE = Pattern.compile("([A-Za-z0-9.-]+(:\\d{1,5})?/)?"
            + "[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
            + "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@[a-z0-9]+:[a-f0-9]{32,128})?");

    private static final int IMAGE_MAX = 500;

    /// @throws IllegalArgumentException when label, offer, port or variable cannot be one, or the script is too long
    public RentOrder {
        if (!label.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]{0," + (LABEL_MAX - 1) + "}"))
            throw new IllegalArgumentException("expected a label of 1 to " + LABEL_MAX
                    + " letters, digits, '.', '_' or '-', but found \"" + label + "\"");
        if (offer.isBlank()) throw new IllegalArgumentException("expected the order " + label + " to name an offer");
        if (diskGb < 1) throw new IllegalArgumentException("expected a disk of 1 GB or more, but found " + diskGb);
        if (onstart.length() > ONSTART_MAX)
            throw new IllegalArgumentException("expected a start script of at most " + ONSTART_MAX
                    + " characters, but found " + onstart.length() + "; let it fetch the rest");
        if (bid.isPresent() && bid.get().compareTo(Money.ZERO) <= 0)
            throw new IllegalArgumentException("expected a bid above $0, but found " + bid.get());
        if (!sshKey.isEmpty() && (sshKey.contains("PRIVATE KEY") || sshKey.contains("\n")))
            throw new IllegalArgumentException("expected one public SSH key on one line");
        env = Collections.unmodifiableSortedMap(new TreeMap<>(env));
        ports = List.copyOf(ports);
        for (String name : env.keySet()) {
            if (!name.matches("[A-Za-z_][A-Za-z0-9_]*"))
                throw new IllegalArgumentException("expected a variable's name, but found \"" + name + "\"");
        }
        for (String port : ports) {
            if (!port.matches("\\d{1,5}(/(tcp|udp))?"))
                throw new IllegalArgumentException("expected a port such as 8770/tcp, but found \"" + port + "\"");
        }
    }

    /// Can a registry have an image of that name?
    public static boolean isImage(String image) {
        return image.length() <= IMAGE_MAX && IMAGE.matcher(image).matches();
    }

    /// For people.
    public static String noImage(String image) {
        return "expected an image such as pytorch/pytorch:2.4.0-cuda12.4, but found \"" + image + "\"";
    }

    /// Without its environment and its script, which may hold secrets.
    @Override
    public String toString() {
        return "RentOrder[" + label + ", offer " + offer + ", " + diskGb + " GB, " + image
                + bid.map(money -> ", bid " + money).orElse("") + "]";
    }
}
