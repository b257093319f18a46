package dev.muster.edge.config;

import java.net.URI;
import java.net.URISyntaxException;

/// Addresses of services, whose path may be a secret.
public final class Addresses {
    private Addresses() {}

    /// @throws IllegalArgumentException when nobody can be asked there; the message does not show it
    public static URI parse(String text) {
        try {
            URI url = new URI(text);
            boolean web = "https".equalsIgnoreCase(url.getScheme()) || "http".equalsIgnoreCase(url.getScheme());
            if (web && url.getHost() != null && url.getPort() <= 65_535) return url;
        } catch (URISyntaxException e) {
            // told below: its message shows the address
        }
        throw new IllegalArgumentException("expected an address such as https://host/path, but found "
                + (text.isBlank() ? "nothing" : "another text"));
    }

    /// The text without what stands behind the host of each address in it, and without who asks.
    static String hidden(String text) {
        return text.replaceAll("(?i)(https?://)(?:[^/\\s\"']*@)?([^/\\s\"'?]+)[/?][^\\s\"']*", "$1$2/…");
    }
}
