package dev.muster.core.state;

/// Who gives an order, written `person:ann`, `node:n1`, `leader:n2`.
public record Actor(Kind kind, String name) {
    public enum Kind {
        PERSON("person"),
        NODE("node"),
        LEADER("leader");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    public Actor {
        if (name.isBlank() || name.length() > 120) {
            throw new IllegalArgumentException(
                    "expected an actor's name of 1 to 120 characters, but found \"" + name + "\"");
        }
    }

    public static Actor person(String name) {
        return new Actor(Kind.PERSON, name);
    }

    public static Actor node(NodeId node) {
        return new Actor(Kind.NODE, node.name());
    }

    public static Actor leader(NodeId node) {
        return new Actor(Kind.LEADER, node.name());
    }

    /// @throws IllegalArgumentException when the text is not of the form `person:ann`
    public static Actor parse(String text) {
        int colon = text.indexOf(':');
        for (Kind kind : Kind.values()) {
            if (colon > 0 && kind.word().equals(text.substring(0, colon)))
                return new Actor(kind, text.substring(colon + 1));
        }
        throw new IllegalArgumentException("expected an actor such as person:ann, but found \"" + text + "\"");
    }

    @Override
    public String toString() {
        return kind.word() + ":" + name;
    }
}
