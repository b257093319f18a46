/// How core's values travel and are kept: JSON, one codec for the log, snapshots, the HTTP API and files, so that what is
/// in a log entry can be read by a person.
///
/// Owns [Wire]. May use `core` and Jackson; core itself knows nothing of JSON. Start reading at [Wire].
package dev.muster.edge.wire;
