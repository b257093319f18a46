package dev.muster.edge.vastsim;

import java.util.ArrayList;
import java.util.List;

/// All endpoints.
final class Routes {
    private Routes() {}

    static List<Route> of(Sim sim) {
        Drawers drawers = new Drawers(sim);
        List<Route> routes = new ArrayList<>();
        routes.addAll(new OfferRoutes(sim, drawers).all());
        routes.addAll(new InstanceRoutes(sim).all());
        routes.addAll(new AccountRoutes(sim).all());
        routes.addAll(drawers.all());
        routes.addAll(OddRoutes.all());
        routes.addAll(new SimRoutes(sim).all());
        return List.copyOf(routes);
    }
}
