package dev.muster.core.state;

/// What the attempts on one node hold of it; a derived count that [Work] keeps.
public record Held(int attempts, Resources resources) {
    public static final Held NOTHING = new Held(0, Resources.NONE);

    public Held plus(Resources more) {
        return new Held(attempts + 1, resources.plus(more));
    }

    Held minus(Resources less) {
        return new Held(attempts - 1, resources.minus(less));
    }
}
