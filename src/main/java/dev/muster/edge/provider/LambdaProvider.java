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
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// Lambda Cloud over its API 1.10. Whole machines, at one price, that can be had and ended, but not stopped.
final class LambdaProvider implements Provider {
    static final String NAME = "lambda";
    static final URI BASE = URI.create("https://cloud.lambda.ai/api/v1");

    static final Capabilities CAN = new Capabilities(true, false, false, false, false, false, false, false, false);
    private static final int KEY_NAME_DIGITS = 12;

    private final Rest rest;

    LambdaProvider(URI base, Rest.Keys keys, Surroundings around) {
        Map<String, Pacing.Limit> limits =
                Map.of("launch", Pacing.Limit.seconds(Duration.ofSeconds(12).toSeconds()));
        this.rest =
                new Rest(NAME, base, keys, new Pacing(limits, Pacing.Limit.seconds(1)), LambdaProvider::judge, around);
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
        Doc data = data(get("/instance-types"), "instance types");
        List<Offer> offers = new ArrayList<>();
        for (Doc type : data.entries().values()) offers.addAll(LambdaMachines.offers(type));
        return query.select(offers);
    }

    @Override
    public List<String> gpuNames() throws ProviderFailure {
        return data(get("/instance-types"), "instance types").entries().values().stream()
                .map(type -> LambdaMachines.gpus(type.get("instance_type")).name())
                .distinct()
                .toList();
    }

    @Override
    public List<Rented> list() throws ProviderFailure {
        Doc answer = get("/instances");
        if (!answer.entries().containsKey("data")
                || answer.text("data").isEmpty()
                || answer.get("data").isObject()) throw incomplete("a list of instances", answer);
        List<Rented> machines = new ArrayList<>();
        for (Doc row : answer.list("data")) {
            int length = Read.text(row, "id").length();
            if (length == 0 || length > Sighting.RENTED_MAX)
                throw incomplete("instances with an id of 1 to " + Sighting.RENTED_MAX + " characters", row);
            machines.add(LambdaMachines.rented(row));
        }
        return machines;
    }

    @Override
    public Created create(RentOrder order) throws ProviderFailure {
        if (order.bid().isPresent()) throw new ProviderFailure.Unsupported(NAME, "rent at a bid");
        if (order.sshKey().isEmpty())
            throw new ProviderFailure.Refused(
                    NAME,
                    "no_ssh_key",
                    "expected the order to name an SSH key: without one "
                            + "nobody can log in, and none can be added later");
        String[] offer = order.offer().split("/", 2);
        if (offer.length != 2)
            throw new ProviderFailure.Refused(
                    NAME,
                    ProviderFailure.NO_OFFER,
                    "expected an offer such as gpu_1x_a10/us-west-1, but found " + order.offer());
        Doc body = LambdaMachines.order(order, offer[0], offer[1], keyName(order.sshKey()));
        Doc answer = rest.ask(new Call("POST", "/instance-operations/launch", body, "launch", Call.Again.NEVER));
        List<Doc> ids = answer.get("data").list("instance_ids");
        if (ids.isEmpty() || ids.getFirst().text().isEmpty())
            throw new ProviderFailure.Unsure(
                    NAME, "expected the id of the machine " + order.label() + ", but found a yes without one");
        return new Created(ids.getFirst().text(), "");
    }

    /// The name under which the key is known there; made known when it is not. An order can only name one.
    private String keyName(String publicKey) throws ProviderFailure {
        String material = material(publicKey);
        Doc known = get("/ssh-keys");
        for (Doc key : known.list("data")) {
            if (material(Read.text(key, "public_key")).equals(material)) return Read.text(key, "name");
        }
        String name = "muster-" + digest(material).substring(0, KEY_NAME_DIGITS);
        Doc body = Doc.object().with("name", name).with("public_key", publicKey);
        rest.ask(new Call("POST", "/ssh-keys", body, "keys", Call.Again.NEVER));
        return name;
    }

    /// Without the comment at its end, which may differ.
    private static String material(String publicKey) {
        String[] words = publicKey.strip().split("\\s+");
        return words.length < 2 ? publicKey.strip() : words[0] + " " + words[1];
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public void start(String id) throws ProviderFailure {
        throw new ProviderFailure.Unsupported(NAME, "start a machine again: none can be stopped");
    }

    @Override
    public void stop(String id) throws ProviderFailure {
        throw new ProviderFailure.Unsupported(NAME, "stop a machine: it runs, and bills, until it is destroyed");
    }

    @Override
    public void destroy(String id) throws ProviderFailure {
        Doc body = Doc.object().with("instance_ids", Doc.of(List.of(id)));
        try {
            rest.ask(new Call("POST", "/instance-operations/terminate", body, "terminate", Call.Again.HARMLESS));
        } catch (ProviderFailure.Refused e) {
            if (!e.code().equals(ProviderFailure.NO_MACHINE)) throw e;
        }
    }

    @Override
    public void bid(String id, Money perHour) throws ProviderFailure {
        throw new ProviderFailure.Unsupported(NAME, "rent at a bid");
    }

    @Override
    public void attachKey(String id, String publicKey) throws ProviderFailure {
        throw new ProviderFailure.Unsupported(NAME, "add an SSH key to a machine: its order names it");
    }

    @Override
    public String logs(String id, int lines) throws ProviderFailure {
        throw new ProviderFailure.Unsupported(NAME, "show a machine's log: look on the machine");
    }

    @Override
    public Balance account() throws ProviderFailure {
        throw new ProviderFailure.Unsupported(NAME, "tell the account's money");
    }

    @Override
    public List<Charge> charges(Instant from, Instant to) throws ProviderFailure {
        throw new ProviderFailure.Unsupported(NAME, "tell what was charged");
    }

    @Override
    public void close() {
        rest.close();
    }

    private Doc get(String path) throws ProviderFailure {
        return rest.ask(Call.get(path, "read"));
    }

    private static Doc data(Doc answer, String what) throws ProviderFailure {
        if (!answer.get("data").isObject()) throw incomplete(what, answer);
        return answer.get("data");
    }

    private static ProviderFailure incomplete(String what, Doc answer) {
        return Read.incomplete(NAME, what, answer);
    }

    /// `{"error": {"code", "message", "suggestion"}}`; its codes are paths, as in `global/invalid-api-key`.
    private static void judge(int status, Doc answer) throws ProviderFailure {
        Doc error = answer.get("error");
        if (status < 300 && !error.isSomething()) return;
        String code = Read.text(error, "code");
        String message = error.isObject() ? Read.text(error, "message") : Read.first(answer, "error", "msg", "message");
        String suggestion = Read.text(error, "suggestion");
        String said = suggestion.isEmpty() ? message : message + " " + suggestion;
        if (status == 401 || status == 403 || code.contains("api-key"))
            throw new ProviderFailure.Denied(NAME, "the key is not accepted (" + status + " " + said + ")");
        throw new ProviderFailure.Refused(NAME, known(code, status), said.isEmpty() ? "refused, " + status : said);
    }

    private static String known(String code, int status) {
        if (code.endsWith("insufficient-capacity")) return ProviderFailure.NO_OFFER;
        if (code.endsWith("object-does-not-exist")) return ProviderFailure.NO_MACHINE;
        return code.isEmpty() ? "http_" + status : code;
    }
}
