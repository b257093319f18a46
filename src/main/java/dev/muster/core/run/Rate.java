package dev.muster.core.run;

import dev.muster.core.rent.Price;
import dev.muster.core.state.Money;
import java.util.List;
import java.util.Optional;

/// What a machine costs, and who says so.
///
/// @param source `table`, or whose offer
public record Rate(Price price, String source) {
    private static final Money DISK = Money.parse("0.15");
    private static final Money DOWN = Money.parse("0.01");

    /// A card of the table, and an hour of it.
    public record Listed(String gpu, Money perHour) {}

    /// Only where no offer tells better.
    public static final List<Listed> TABLE = List.of(
            new Listed("H100", Money.parse("2.89")),
            new Listed("A100", Money.parse("1.89")),
            new Listed("H200", Money.parse("2.59")));

    /// With disk and traffic as they usually cost at markets. Empty for a card that the table does not have.
    public static Optional<Rate> table(String gpu) {
        return TABLE.stream()
                .filter(listed -> Correction.card(listed.gpu()).equals(Correction.card(gpu)))
                .findFirst()
                .map(listed ->
                        new Rate(new Price(listed.perHour(), DISK, Money.ZERO, DOWN, Optional.empty()), "table"));
    }
}
