package dev.muster.edge.provider;

import dev.muster.core.rent.Balance;
import dev.muster.core.rent.Capabilities;
import dev.muster.core.rent.Charge;
import dev.muster.core.rent.Created;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Money;
import dev.muster.core.state.Sighting;
import dev.muster.edge.view.Doc;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// Vast.ai over its REST API, as its own command line 1.5 speaks it.
final class VastProvider implements Provider {
    static final String NAME = "vast";
    static final URI BASE = URI.create("https://console.vast.ai");

    static final Capabilities CAN = new Capabilities(true, true, true, true, true, true, true, true, true);
    /// As many as a page may have.
    private static final int PAGE = 25;
    private static final int CHARGES_PAGE = 20;
    /// Pages of one list: more are a circle.
    private static final int PAGES_MAX = 1000;
    /// Vast's own command line looks so often, and so soon, for a log that is being gathered.
    private static final int LOG_LOOKS = 30;
    private static final Duration LOG_LOOK = Duration.ofMillis(300);

    private final Rest rest;

    VastProvider(URI base, Rest.Keys keys, Surroundings around) {
        this.rest = new Rest(NAME, base, keys, pacing(), new VastJudge(), around);
    }

    /// The shortest times between two calls, in seconds, by the 429 texts of Vast's API description.
    private static Pacing pacing() {
        Map<String, Pacing.Limit> limits = new TreeMap<>();
        // "10 per minute".
        limits.put("bundles", new Pacing.Limit(Duration.ofSeconds(6), 3));
        limits.put("asks", Pacing.Limit.seconds(5));
        limits.put("list", Pacing.Limit.seconds(1));
        limits.put("state", Pacing.Limit.seconds(1));
        limits.put("destroy", Pacing.Limit.seconds(3));
        limits.put("bid", Pacing.Limit.seconds(5.5));
        limits.put("keys", Pacing.Limit.seconds(1));
        limits.put("logs", Pacing.Limit.seconds(1.5));
        limits.put("account", Pacing.Limit.seconds(3));
        limits.put("charges", Pacing.Limit.seconds(1));
        return new Pacing(limits, Pacing.Limit.seconds(1));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Capabilities can() {
        return CAN;
    }

    @Override
    public OfferQuery.Selection offers(OfferQuery query) throws ProviderFailure {
        Doc answer =
                rest.ask(new Call("POST", "/api/v0/bundles/", VastOffers.question(query), "bundles", Call.Again.READ));
        List<Offer> offers =
                VastOffers.answer(answer, query.deal()).orElseThrow(() -> incomplete("a list of offers", answer));
        return query.select(offers);
    }

    @Override
    public List<String> gpuNames() throws ProviderFailure {
        Doc answer = rest.ask(Call.get("/api/v0/gpu_names/unique/", "names"));
        return answer.list("gpu_names").stream().map(Doc::text).toList();
    }

    @Override
    public List<Rented> list() throws ProviderFailure {
        Map<String, Rented> machines = new LinkedHashMap<>();
        String query = "/api/v1/instances/?select_filters=" + written("{}") + "&order_by="
                + written("[{\"col\":\"id\",\"dir\":\"asc\"}]") + "&limit=" + PAGE;
        for (Doc row : rows(query, "instances", "list")) {
            Rented machine = VastMachines.rented(row)
                    .orElseThrow(() ->
                            incomplete("instances with an id of 1 to " + Sighting.RENTED_MAX + " characters", row));
            machines.put(machine.id(), machine);
        }
        return List.copyOf(machines.values());
    }

    /// All pages of a list, or none: half a list looks as if machines were gone.
    private List<Doc> rows(String query, String key, String pace) throws ProviderFailure {
        List<Doc> rows = new ArrayList<>();
        TreeSet<String> tokens = new TreeSet<>();
        String token = "";
        for (int pages = 0; pages < PAGES_MAX; pages++) {
            Doc page = rest.ask(Call.get(token.isEmpty() ? query : query + "&after_token=" + written(token), pace));
            if (!page.entries().containsKey(key)
                    || page.get(key).text().isEmpty()
                    || page.get(key).isObject()) throw incomplete("a list of " + key, page);
            rows.addAll(page.list(key));
            token = Read.text(page, "next_token");
            if (token.isEmpty()) return rows;
            if (!tokens.add(token)) break;
        }
        throw new ProviderFailure.Unavailable(
                NAME, "expected the list of " + key + " to end, but after " + tokens.size() + " pages it goes round");
    }

    @Override
    public Created create(RentOrder order) throws ProviderFailure {
        Doc answer = rest.ask(new Call(
                "PUT",
                "/api/v0/asks/" + segment(order.offer()) + "/",
                VastMachines.order(order),
                "asks",
                Call.Again.NEVER));
        String id = Read.text(answer, "new_contract");
        if (VastJudge.leftOver(answer)) throw endedAgain(order, id, VastJudge.said(answer));
        if (id.isEmpty())
            throw new ProviderFailure.Unsure(
                    NAME, "expected the id of the machine " + order.label() + ", but found a yes without one");
        return new Created(id, order.sshKey().isEmpty() ? "" : keyed(id, order.sshKey()));
    }

    private ProviderFailure endedAgain(RentOrder order, String id, String said) {
        try {
            destroy(id);
            return new ProviderFailure.Refused(
                    NAME,
                    order.bid().isPresent() ? ProviderFailure.BID_TOO_LOW : ProviderFailure.NO_OFFER,
                    said + "; machine " + id + " was made all the same, and is destroyed again");
        } catch (ProviderFailure e) {
            return new ProviderFailure.Unsure(
                    NAME,
                    said + "; machine " + id + " (" + order.label()
                            + ") was made all the same, and could not be destroyed: " + e.getMessage());
        }
    }

    private String keyed(String id, String publicKey) {
        try {
            attachKey(id, publicKey);
            return "";
        } catch (ProviderFailure e) {
            return "the SSH key is not there yet: " + e.getMessage();
        }
    }

    @Override
    public void start(String id) throws ProviderFailure {
        rest.ask(state(id, "running", Call.Again.UNTIL_TAKEN));
    }

    @Override
    public void stop(String id) throws ProviderFailure {
        rest.ask(state(id, "stopped", Call.Again.HARMLESS));
    }

    private static Call state(String id, String state, Call.Again again) {
        return new Call(
                "PUT", "/api/v0/instances/" + segment(id) + "/", Doc.object().with("state", state), "state", again);
    }

    @Override
    public void destroy(String id) throws ProviderFailure {
        try {
            rest.ask(new Call(
                    "DELETE", "/api/v0/instances/" + segment(id) + "/", Doc.object(), "destroy", Call.Again.HARMLESS));
        } catch (ProviderFailure.Refused e) {
            if (!e.code().equals(ProviderFailure.NO_MACHINE)) throw e;
        }
    }

    @Override
    public void bid(String id, Money perHour) throws ProviderFailure {
        Doc body = Doc.object().with("client_id", "me").with("price", perHour.dollars());
        rest.ask(new Call("PUT", "/api/v0/instances/bid_price/" + segment(id) + "/", body, "bid", Call.Again.HARMLESS));
    }

    @Override
    public void attachKey(String id, String publicKey) throws ProviderFailure {
        Doc body = Doc.object().with("ssh_key", publicKey);
        try {
            rest.ask(new Call("POST", "/api/v0/instances/" + segment(id) + "/ssh/", body, "keys", Call.Again.HARMLESS));
        } catch (ProviderFailure.Refused e) {
            if (!e.getMessage().toLowerCase(Locale.ROOT).contains("already")) throw e;
        }
    }

    @Override
    public String logs(String id, int lines) throws ProviderFailure {
        Doc body = Doc.object().with("tail", Integer.toString(Math.max(1, lines)));
        Doc answer = rest.ask(
                new Call("PUT", "/api/v0/instances/request_logs/" + segment(id) + "/", body, "logs", Call.Again.READ));
        URI url = url(answer);
        for (int look = 0; look < LOG_LOOKS; look++) {
            Optional<String> text = rest.fetch(url);
            if (text.isPresent()) return text.get();
            rest.pause(LOG_LOOK);
        }
        throw new ProviderFailure.Unavailable(
                NAME,
                "expected the log of machine " + id + " within "
                        + LOG_LOOK.multipliedBy(LOG_LOOKS).toSeconds() + " s, but it is not there yet");
    }

    private static URI url(Doc answer) throws ProviderFailure {
        try {
            URI url = URI.create(Read.text(answer, "result_url"));
            if (url.getHost() != null && List.of("http", "https").contains(url.getScheme())) return url;
        } catch (IllegalArgumentException e) {
            throw incomplete("where the log will be", answer);
        }
        throw incomplete("where the log will be", answer);
    }

    @Override
    public Balance account() throws ProviderFailure {
        Doc user = rest.ask(Call.get("/api/v0/users/current", "account"));
        Money credit = Read.money(user, "credit").orElseThrow(() -> incomplete("the account's credit", user));
        return new Balance(credit, Read.first(user, "username", "email"));
    }

    @Override
    public List<Charge> charges(Instant from, Instant to) throws ProviderFailure {
        String days = "{\"day\":{\"gte\":" + from.getEpochSecond() + ",\"lte\":" + to.getEpochSecond() + "}}";
        String query = "/api/v0/charges/?select_filters=" + written(days) + "&latest_first=false&limit=" + CHARGES_PAGE
                + "&format=table";
        List<Charge> charges = new ArrayList<>();
        for (Doc row : rows(query, "results", "charges")) charges.addAll(VastMachines.charges(row));
        return charges;
    }

    @Override
    public void close() {
        rest.close();
    }

    private static String written(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String segment(String id) {
        return written(id).replace("+", "%20");
    }

    private static ProviderFailure.Unavailable incomplete(String what, Doc answer) {
        return Read.incomplete(NAME, what, answer);
    }
}
