/// Files by the SHA-256 of their content.
///
/// Owns a directory: `objects/` holds whole, hashed files and nothing else, `tmp/` what is being written, `parts/` what came
/// so far of files that are on their way, across restarts, `quarantine/` what no longer had its hash. Everything is streamed: a file of any size passes through one small buffer.
///
/// May use the JDK; knows nothing of the rest of Muster. Start reading at [ArtifactStore].
@NullMarked
package dev.muster.edge.artifact;

import org.jspecify.annotations.NullMarked;
