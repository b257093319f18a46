package dev.muster.edge.web;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Who is signed in to this node's page. Kept in memory only: a restart signs everybody out, and the cluster's token is in no
/// browser's store. What a browser holds is a random name that is worth nothing elsewhere.
public final class Sessions {
    /// A working day; then the token is asked for again.
    public static final Duration LASTS = Duration.ofHours(12);
    /// Of a team, with their phones; the oldest goes first.
    static final int MOST = 500;

    private static final int ID_BYTES = 32;
    private static final Base64.Encoder WORDS = Base64.getUrlEncoder().withoutPadding();

    private final SecureRandom random = new SecureRandom();
    private final Map<String, Session> open = new LinkedHashMap<>();

    /// One person in one browser.
    public static final class Session {
        private final String person;
        private final Instant ends;
        private final byte[] key;

        private Session(String person, Instant ends, byte[] key) {
            this.person = person;
            this.ends = ends;
            this.key = key;
        }

        public String person() {
            return person;
        }

        /// The hidden word of one form: nobody who cannot read this session's pages can send that form.
        ///
        /// @param what the form's path, and its order where it has one
        public String word(String what) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(key, "HmacSHA256"));
                return WORDS.encodeToString(mac.doFinal(what.getBytes(StandardCharsets.UTF_8)));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java has HmacSHA256", e);
            }
        }

        /// In constant time.
        public boolean isWord(String what, String found) {
            return MessageDigest.isEqual(
                    word(what).getBytes(StandardCharsets.UTF_8), found.getBytes(StandardCharsets.UTF_8));
        }
    }

    /// @return the name under which a browser shows that it is this session
    public synchronized String open(String person, Instant now) {
        open.values().removeIf(session -> !session.ends.isAfter(now));
        while (open.size() >= MOST) open.remove(open.keySet().iterator().next());
        String id = random();
        byte[] key = new byte[ID_BYTES];
        random.nextBytes(key);
        open.put(id, new Session(person, now.plus(LASTS), key));
        return id;
    }

    public synchronized Optional<Session> find(String id, Instant now) {
        return Optional.ofNullable(open.get(id)).filter(session -> session.ends.isAfter(now));
    }

    public synchronized void close(String id) {
        open.remove(id);
    }

    /// A name that nobody can guess.
    public String random() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return WORDS.encodeToString(bytes);
    }
}
