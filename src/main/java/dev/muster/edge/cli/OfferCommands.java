package dev.muster.edge.cli;

import dev.muster.core.rent.GpuName;
import dev.muster.core.rent.OfferField;
import dev.muster.core.rent.OfferQuery;
import dev.muster.edge.provider.Provider;
import dev.muster.edge.provider.ProviderFailure;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.OfferText;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// `muster offer …`.
final class OfferCommands {
    /// Vast shows no more, and has no pages here.
    private static final int SEEN_MAX = 64;

    private OfferCommands() {}

    static CommandSpec spec() {
        return Catalog.group(
                "offer",
                "Machines that providers would rent to us.",
                OfferWords.options(Verb.of(
                                "search",
                                "Search offers, at the price with the disk and the traffic that will be used."
                                        + " Exit 102 when there is none.",
                                OfferCommands::search))
                        .option("--limit", "COUNT", "most offers")
                        .build());
    }

    private static int search(Args args) throws Failure {
        Output output = args.output();
        OfferQuery asked = OfferWords.query(args);
        return Rentals.with(args, (provider, providers) -> {
            OfferQuery query = OfferWords.capped(args, OfferWords.withGpus(args, asked, provider), provider, providers);
            OfferQuery.Selection selection = provider.offers(query);
            OfferQuery.Selection wide = selection;
            // Nothing came, so nothing tells why. What comes to a wider question does.
            if (selection.offers().isEmpty() && selection.seen() == 0 && query.isNarrow())
                wide = query.select(provider.offers(query.widened()).offers());
            if (wide.seen() == 0) unsold(args, query, provider);
            Doc doc = OfferText.doc(selection, wide, query.deal());
            args.shell()
                    .out()
                    .print(output.render(
                            doc, wideTable -> OfferText.table(doc, wideTable), Show.names("offers", "id")));
            if (selection.seen() >= SEEN_MAX && (output == Output.TABLE || output == Output.WIDE)) {
                args.shell().out().flush();
                args.shell()
                        .err()
                        .println("muster: " + provider.name() + " shows " + SEEN_MAX
                                + " offers at most, and may have more; ask more narrowly, or by another --order");
            }
            return selection.offers().isEmpty() ? Exit.NOT_FOUND : Exit.DONE;
        });
    }

    /// There is nothing of the GPU at all: perhaps the provider calls it otherwise than we do.
    private static void unsold(Args args, OfferQuery query, Provider provider) throws Failure {
        List<String> wanted = query.conditions().stream()
                .filter(condition -> condition.field().equals(OfferField.GPU))
                .flatMap(condition -> OfferWords.named(condition).stream())
                .toList();
        if (wanted.isEmpty() || args.output() == Output.JSON || args.output() == Output.YAML) return;
        List<String> names = names(provider);
        if (names.isEmpty()
                || wanted.stream().anyMatch(gpu -> names.stream().anyMatch(name -> GpuName.same(gpu, name)))) return;
        args.shell()
                .err()
                .println("muster: " + provider.name() + " has no GPU by the name of " + String.join(" or ", wanted)
                        + "; it has " + String.join(", ", names));
    }

    /// Nothing when it does not tell: this is a hint, and the answer stands without it.
    private static List<String> names(Provider provider) {
        try {
            return provider.gpuNames();
        } catch (ProviderFailure e) {
            return List.of();
        }
    }
}
