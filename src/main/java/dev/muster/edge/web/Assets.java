package dev.muster.edge.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The page's style, script and sign. Each is named by its hash, so a browser keeps it for good and never keeps an old one.
public final class Assets {
    private static final int HASH_DIGITS = 16;

    private final Map<String, Asset> byName = new TreeMap<>();
    private final String style;
    private final String script;
    private final String icon;

    public record Asset(String type, byte[] bytes) {
        public Asset {
            bytes = bytes.clone();
        }

        @Override
        public byte[] bytes() {
            return bytes.clone();
        }
    }

    /// @throws UncheckedIOException when the jar lacks one
    public Assets() {
        style = add("page", "css", "text/css; charset=utf-8");
        script = add("page", "js", "text/javascript; charset=utf-8");
        icon = add("icon", "svg", "image/svg+xml");
    }

    private String add(String name, String end, String type) {
        byte[] bytes = read(name + "." + end);
        String named = name + "-" + hash(bytes) + "." + end;
        byName.put(named, new Asset(type, bytes));
        return "/assets/" + named;
    }

    public Optional<Asset> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    String style() {
        return style;
    }

    String script() {
        return script;
    }

    String icon() {
        return icon;
    }

    private static byte[] read(String name) {
        try (InputStream in = Assets.class.getResourceAsStream(name)) {
            if (in == null) throw new IOException(name + " is missing from the jar");
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
