package dev.muster.edge.ssh;

import java.util.Random;

/// Arguments that shells misread when they can.
final class HostileText {
    static final String[] HOSTILE = {
        "",
        " ",
        "'",
        "''",
        "\"",
        "\\",
        "\\'",
        "it's \"quoted\" \\ here",
        "$HOME `id` $(id) ${x}",
        "a\nb\n",
        "\t",
        "!!",
        "*",
        "-n",
        "--",
        "; exit 7",
        "muster-end-0;",
        "%s%n%d",
        "~",
        "ünïcödé 東京 🚀",
        "\u0001\u007f",
        "#",
        "&& false",
        "')'",
        "EOF"
    };

    private HostileText() {}

    static String bracketed() {
        return "[" + String.join("][", HOSTILE) + "]";
    }

    /// All bytes there are, in no order.
    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    /// Of signs that mean something to one shell or another.
    static String random(Random random) {
        String signs = "'\"\\$`!*?[]{}()<>|&;# \n\t~=%^a0-東\r";
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(12);
        for (int i = 0; i < length; i++) text.append(signs.charAt(random.nextInt(signs.length())));
        return text.toString();
    }
}
