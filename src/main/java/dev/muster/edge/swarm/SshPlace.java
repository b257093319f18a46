package dev.muster.edge.swarm;

import dev.muster.edge.wire.Wire;
import java.io.IOException;
import tools.jackson.core.JacksonException;

/// Where a holder's file lies for somebody who logs in there by SSH, as the holder says it (`GET /artifacts/{sha}/place`).
///
/// It becomes part of a command line, so what is in it is checked on both sides: nothing that could be taken for an
/// option, and nothing that a shell would read as more than a name.
///
/// @param rate bytes per second that the holder wants to send to who asks at most, 0 for no limit
public record SshPlace(String user, String host, int port, String path, long rate) {
    public SshPlace {
        expect("a user name", user, "[A-Za-z_][A-Za-z0-9._-]{0,63}");
        expect("a host name or address", host, "[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45}");
        if (port < 1 || port > 65_535) throw new IllegalArgumentException("expected a port, but found " + port);
        expect("an absolute path", path, "/[^\\p{Cntrl}]{1,4095}");
        if (rate < 0) throw new IllegalArgumentException("expected a rate of 0 or more, but found " + rate);
    }

    private static void expect(String what, String text, String pattern) {
        if (text == null || !text.matches(pattern))
            throw new IllegalArgumentException("expected " + what + ", but found \"" + text + "\"");
    }

    byte[] bytes() {
        return Wire.bytes(this);
    }

    /// @throws IOException when it is none
    static SshPlace parse(byte[] json) throws IOException {
        try {
            return Wire.read(json, SshPlace.class);
        } catch (JacksonException | IllegalArgumentException e) {
            throw new IOException("expected user, host, port and path for ssh, but found " + e.getMessage(), e);
        }
    }

    /// As rsync takes it.
    String source() {
        return user + "@" + (host.contains(":") ? "[" + host + "]" : host) + ":" + path;
    }
}
