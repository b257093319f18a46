/// What lies in the files that a training run reads: do they open, are they whole, are their numbers numbers?
///
/// [DataFile] looks at one file, by the reader of its format ([Hdf5], [NumPy], [Archive], or `edge.snapshot` for SQLite);
/// numbers stream through a [Tally]. [Splits] finds the files of a task, [Manifest] says how large they have to be,
/// [Quarantine] moves bad ones aside. Memory does not grow with a file, but for the index of chunks of an HDF5 dataset.
/// Asks no node. May use `core`, `edge.training`, `edge.snapshot` and jHDF, which no other package sees. Start reading at
/// [DataFile].
@NullMarked
package dev.muster.edge.dataset;

import org.jspecify.annotations.NullMarked;
