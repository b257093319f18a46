package dev.muster.edge.config;

import dev.muster.core.hosts.Place;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/// Reads YAML with the place of everything, anchors, aliases and merge keys, and goes on after a key that stands twice.
final class YamlTree {
    /// Deeper nesting is no configuration, but somebody's attempt to use up the stack.
    private static final int DEPTH_MAX = 64;
    /// Most entries that merge keys may add: a file of 1 MiB can ask for billions.
    private static final int MERGED_MAX = 100_000;

    private static final YAMLFactory FORMAT = YAMLFactory.builder().build();

    /// What cannot be read any further.
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Place at;

        Unreadable(Place at, String message) {
            super(message);
            this.at = at;
        }

        Place at() {
            return at;
        }
    }

    /// Told of each key that stands again in its mapping; the first one counts.
    interface Again {
        void found(String path, Place at, Place first);
    }

    private final YAMLParser parser;
    private final Again again;
    /// Of mappings and lists; the parser does not tell those of single values.
    private final Map<String, YamlNode> anchors = new HashMap<>();
    private int merged;

    private YamlTree(YAMLParser parser, Again again) {
        this.parser = parser;
        this.again = again;
    }

    /// @throws Unreadable when it is no single YAML document
    static YamlNode read(byte[] utf8, Again again) throws Unreadable {
        try (YAMLParser parser =
                (YAMLParser) FORMAT.createParser(ObjectReadContext.empty(), new ByteArrayInputStream(utf8))) {
            return new YamlTree(parser, again).document();
        } catch (JacksonException e) {
            throw new Unreadable(place(e), YamlText.told(e));
        }
    }

    private YamlNode document() throws Unreadable {
        JsonToken first = parser.nextToken();
        if (first == null) return new YamlNode.Scalar(new Place(1, 1), "", true);
        YamlNode node = node(first, "", 0);
        if (parser.nextToken() != null) {
            throw new Unreadable(here(), "expected one document, but found a second one (`---`)");
        }
        return node;
    }

    private YamlNode node(JsonToken token, String path, int depth) throws Unreadable {
        if (depth > DEPTH_MAX)
            throw new Unreadable(here(), "expected at most " + DEPTH_MAX + " levels, but found more");
        if (parser.isCurrentAlias()) return alias();
        String anchor = parser.getObjectId();
        YamlNode node = switch (token) {
            case START_OBJECT -> mapping(here(), path, depth);
            case START_ARRAY -> sequence(here(), path, depth);
            default -> scalar(token);
        };
        if (anchor != null) anchors.put(anchor, node);
        return node;
    }

    private YamlNode alias() throws Unreadable {
        YamlNode node = anchors.get(parser.getString());
        if (node == null) {
            throw new Unreadable(
                    here(),
                    "expected an alias of a mapping or a list that stands before it, but found *" + parser.getString()
                            + "; write the value itself");
        }
        return node;
    }

    private YamlNode scalar(JsonToken token) {
        boolean nothing = token == JsonToken.VALUE_NULL;
        return new YamlNode.Scalar(here(), nothing ? "" : parser.getString(), nothing);
    }

    private YamlNode sequence(Place at, String path, int depth) throws Unreadable {
        List<YamlNode> elements = new ArrayList<>();
        for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
            elements.add(node(next, path, depth + 1));
        }
        return new YamlNode.Sequence(at, elements);
    }

    private YamlNode mapping(Place at, String path, int depth) throws Unreadable {
        Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
        List<YamlNode> defaults = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            Place keyAt = here();
            String below = path.isEmpty() ? key : path + "." + key;
            YamlNode value = node(parser.nextToken(), below, depth + 1);
            if (key.equals("<<") && !(value instanceof YamlNode.Scalar)) {
                defaults.add(value);
                continue;
            }
            YamlNode.Entry before = entries.putIfAbsent(key, new YamlNode.Entry(keyAt, value));
            if (before != null) again.found(below, keyAt, before.at());
        }
        for (YamlNode one : defaults) merge(one, entries, at);
        return new YamlNode.Mapping(at, entries);
    }

    /// What the mapping says itself counts more than what it takes over.
    private void merge(YamlNode from, Map<String, YamlNode.Entry> entries, Place at) throws Unreadable {
        if (from instanceof YamlNode.Sequence several) {
            for (YamlNode one : several.elements()) {
                if (!(one instanceof YamlNode.Mapping)) throw new Unreadable(at, MERGE + one.brief());
                merge(one, entries, at);
            }
        } else if (from instanceof YamlNode.Mapping mapping) {
            merged += mapping.entries().size();
            if (merged > MERGED_MAX)
                throw new Unreadable(at, "expected at most " + MERGED_MAX + " merged keys, but found more");
            mapping.entries().forEach(entries::putIfAbsent);
        }
    }

    private static final String MERGE = "expected `<<` to take over a mapping or a list of mappings, but found ";

    private Place here() {
        return place(parser.currentTokenLocation());
    }

    /// Where the parser stumbled; its own place is that of the last thing it understood.
    private static Place place(JacksonException e) {
        Place place = place(e.getLocation());
        Matcher told = STUMBLED.matcher(e.getOriginalMessage());
        while (told.find()) place = new Place(Integer.parseInt(told.group(1)), Integer.parseInt(told.group(2)));
        return place;
    }

    private static final Pattern STUMBLED = Pattern.compile("(?m)^ .*, line (\\d{1,9}), column (\\d{1,9})");

    private static Place place(TokenStreamLocation location) {
        return location == null
                ? new Place(1, 1)
                : new Place(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
    }
}
