package dev.muster.edge.provider;

/// A provider did not do what it was asked. The kinds differ in what may be done next.
public abstract sealed class ProviderFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /// The start of a machine was taken down, and it will start, and bill, by itself.
    public static final String QUEUED = "queued";
    /// The offer has gone to somebody else, or was taken back: try the next.
    public static final String NO_OFFER = "no_such_ask";
    /// There is no such machine.
    public static final String NO_MACHINE = "no_such_instance";
    /// The account has nothing left to pay with.
    public static final String NO_CREDIT = "insufficient_credit";
    /// A bid does not win: nothing is left of the order.
    public static final String BID_TOO_LOW = "bid_too_low";
    /// Nothing was sent, because only the request was to be shown.
    public static final String DRY_RUN = "dry_run";

    private final String provider;

    private ProviderFailure(String provider, String message) {
        super(provider + ": " + message);
        this.provider = provider;
    }

    public String provider() {
        return provider;
    }

    /// It was understood, and the answer is no: the same again will be refused again. Nothing was changed, save where
    /// the code says so ([#QUEUED]).
    public static final class Refused extends ProviderFailure {
        private static final long serialVersionUID = 1L;
        private final String code;

        public Refused(String provider, String code, String message) {
            super(provider, message);
            this.code = code;
        }

        /// Is it the account's fault, and no machine's?
        public boolean lacksCredit() {
            return code.equals(NO_CREDIT);
        }

        /// The provider's word, as in `no_such_ask`.
        public String code() {
            return code;
        }
    }

    /// It may have been done: the answer was lost, or cannot be read. Look before asking again.
    public static final class Unsure extends ProviderFailure {
        private static final long serialVersionUID = 1L;

        public Unsure(String provider, String message) {
            super(provider, message);
        }
    }

    /// It was not done, and may be later: not reached, too often asked, out of order.
    public static final class Unavailable extends ProviderFailure {
        private static final long serialVersionUID = 1L;

        public Unavailable(String provider, String message) {
            super(provider, message);
        }
    }

    /// The key is missing, wrong or expired, or may not do this. It needs a person; what is known of machines stays
    /// true.
    public static final class Denied extends ProviderFailure {
        private static final long serialVersionUID = 1L;

        private final boolean expired;

        public Denied(String provider, String message) {
            this(provider, message, false);
        }

        public Denied(String provider, String message, boolean expired) {
            super(provider, message);
            this.expired = expired;
        }

        /// It was a key, and is none any more.
        public boolean expired() {
            return expired;
        }
    }

    /// This provider cannot do it at all.
    public static final class Unsupported extends ProviderFailure {
        private static final long serialVersionUID = 1L;

        public Unsupported(String provider, String what) {
            super(provider, "cannot " + what);
        }
    }
}
