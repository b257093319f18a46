package dev.muster.edge.swarm;

import java.io.IOException;

/// No room for the file on this node's disk: no other holder and no other way could bring it either.
public final class NoRoom extends IOException {
    private static final long serialVersionUID = 1L;

    public NoRoom(String message) {
        super(message);
    }

    /// What a disk without room said in its own words.
    private NoRoom(IOException cause) {
        super("disk full: " + cause.getMessage(), cause);
    }

    /// A disk may be full before its figures say so.
    static boolean is(IOException e) {
        return e instanceof NoRoom || String.valueOf(e.getMessage()).matches("(?s).*(No space left|quota exceeded).*");
    }

    /// @throws NoRoom when it was this
    static void leave(IOException e) throws NoRoom {
        if (e instanceof NoRoom known) throw known;
        if (is(e)) throw new NoRoom(e);
    }
}
