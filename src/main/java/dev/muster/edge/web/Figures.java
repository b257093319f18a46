package dev.muster.edge.web;

import java.util.Locale;
import java.util.Optional;

/// Numbers as a page shows them.
final class Figures {
    private Figures() {}

    /// `12,345`.
    static String whole(long number) {
        String digits = Long.toString(Math.abs(number));
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < digits.length(); at++) {
            if (at > 0 && (digits.length() - at) % 3 == 0) text.append(',');
            text.append(digits.charAt(at));
        }
        return (number < 0 ? "-" : "") + text;
    }

    /// `$1,234.50`; below a dollar as many digits as tell prices apart, `$0.075`.
    static String dollars(double amount) {
        double size = Math.abs(amount);
        String sign = amount < 0 ? "-$" : "$";
        if (size > 0 && size < 1) {
            String text = String.format(Locale.ROOT, "%.4f", size);
            while (text.endsWith("0") && text.length() > 4) text = text.substring(0, text.length() - 1);
            return sign + text;
        }
        long cents = Math.round(size * 100);
        return sign + whole(cents / 100) + "." + (cents % 100 < 10 ? "0" : "") + cents % 100;
    }

    static String dollars(Optional<Double> amount) {
        return amount.map(Figures::dollars).orElse("–");
    }

    /// `1.5`, `4`.
    static String short1(double number) {
        long tenths = Math.round(number * 10);
        return tenths % 10 == 0 ? whole(tenths / 10) : whole(tenths / 10) + "." + Math.abs(tenths % 10);
    }

    static String or(String text, String absent) {
        return text.isEmpty() ? absent : text;
    }
}
