/// What somebody needs who helps from afar: logs, configuration, versions and state, without secrets.
///
/// Owns [Redaction], what is taken out of every text; [NodeSupport], one node's part; [SupportArchive], the archive that
/// people send. May use `edge.config`'s values. Start reading at [NodeSupport].
package dev.muster.edge.support;
