/// The HTTP API on every node (8770) and the artifact server (8767), on virtual threads.
///
/// Routes stand in tables ([Routes]); a test holds them and the checked-in OpenAPI document together. Reads are
/// views of the newest state this node knows; orders go to [dev.muster.edge.node.Member#submit], which finds the
/// leader. May use `core`, `edge.node`, `edge.swarm`, `edge.view`, `edge.wire` and Helidon. Start reading at [ApiServer], then
/// [Routes].
package dev.muster.edge.http;
