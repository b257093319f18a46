package dev.muster.edge.http;

import java.util.List;
import java.util.stream.Stream;

/// All routes of port 8770, in the order of the documentation.
final class Routes {
    private Routes() {}

    static List<Route> of(Api api) {
        return Stream.of(
                        OpenRoutes.of(api),
                        NodeRoutes.of(api),
                        EnrolRoutes.of(api),
                        HostRoutes.of(api),
                        CheckRoutes.of(api),
                        JobRoutes.of(api),
                        ArtifactRoutes.of(api),
                        TransferRoutes.of(api),
                        ModelRoutes.of(api),
                        DistributionRoutes.of(api),
                        LoopRoutes.of(api),
                        RunRoutes.of(api),
                        RentRoutes.of(api),
                        ScaleRoutes.of(api),
                        AlertRoutes.of(api),
                        EventRoutes.of(api),
                        SupportRoutes.of(api),
                        PeerRoutes.of(api))
                .flatMap(List::stream)
                .toList();
    }

    /// An order's answer.
    ///
    /// @param revision the state has at least this revision where the order was applied
    record Ordered(long revision) {}
}
