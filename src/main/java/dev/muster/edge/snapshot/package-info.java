/// Files that others are writing to, copied as they were at one moment.
///
/// May use the JDK and SQLite. Start reading at [Snapshot].
@NullMarked
package dev.muster.edge.snapshot;

import org.jspecify.annotations.NullMarked;
