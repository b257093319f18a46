/// The command line: `muster NOUN VERB`, over the HTTP API of any node.
///
/// Start-up time rules here: only the command that was asked for is built, HTTP is a plain socket, JSON is read as
/// tokens into a [dev.muster.edge.view.Doc]. May use `core`'s values, `edge.view`, `edge.config`'s reading of
/// what people write, `edge.provider` (whose slower client only those pay for who ask one), `edge.wire`'s durations and
/// picocli. What runs a node is given as [Programs]. Start reading at [Cli].
package dev.muster.edge.cli;
