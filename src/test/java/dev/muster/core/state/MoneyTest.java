package dev.muster.core.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MoneyTest {
    @ParameterizedTest
    @CsvSource({
        "0.123,$0.123",
        "$0.5,$0.50",
        "12,$12.00",
        "-25,-$25.00",
        "-$0.1,-$0.10",
        "4.079441760601181e-05,$0.000041",
        "1.0020740740740741,$1.002074",
        "0.0000005,$0.000001",
        "0,$0.00",
        "100,$100.00"
    })
    void amountsAreReadToTheMillionthAndPrinted(String written, String shown) {
        assertThat(Money.parse(written)).hasToString(shown);
        assertThat(Money.parse(shown)).isEqualTo(Money.parse(written));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "cheap", "1,5", "1.2.3", "NaN", "99999999999999999999", "1e99", "0x10"})
    void whatIsNoAmountIsRefused(String written) {
        assertThatThrownBy(() -> Money.parse(written))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected an amount");
    }

    @Test
    void sumsAreExact() {
        Money sum = Money.ZERO;
        for (int tenth = 0; tenth < 10; tenth++) sum = sum.plus(Money.parse("0.1"));
        assertThat(sum).isEqualTo(Money.ofDollars(1));
    }

    @Test
    void sharesAreRoundedHalfUpAndTooMuchIsNoAmountAnyMore() {
        assertThat(Money.parse("0.149333").share(10, 720)).isEqualTo(new Money(2074));
        assertThat(new Money(1).share(1, 2)).isEqualTo(new Money(1));
        assertThat(Money.parse("0.36").perHourFor(Duration.ofMinutes(10))).isEqualTo(Money.parse("0.06"));
        assertThat(Money.ofDollars(9).share(Long.MAX_VALUE, Long.MAX_VALUE)).isEqualTo(Money.ofDollars(9));
        assertThatThrownBy(() -> new Money(Long.MAX_VALUE).plus(new Money(1))).isInstanceOf(ArithmeticException.class);
    }
}
