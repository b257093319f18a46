package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.StatusText;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// `muster status`: the cluster on one screen; exit 3 while it has no quorum.
final class StatusCommand {
    private StatusCommand() {}

    static CommandSpec spec() {
        return Verb.of("status", "Show the cluster: leader, voters, nodes, jobs, loops, models.", StatusCommand::run)
                .watchable()
                .build();
    }

    private static int run(Args args) throws Failure {
        if (args.watches()) {
            return Show.answer(args, "/status", (doc, wide, now) -> StatusText.render(doc, wide), StatusCommand::names);
        }
        Doc status = Settings.client(args).get("/status").doc();
        args.shell()
                .out()
                .print(args.output().render(status, wide -> StatusText.render(status, wide), StatusCommand::names));
        return status.has("read_only") ? Exit.NOT_HEALTHY : Exit.DONE;
    }

    private static List<String> names(Doc status) {
        return status.list("nodes").stream().map(node -> node.text("node_id")).toList();
    }
}
