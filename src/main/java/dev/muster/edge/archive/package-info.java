/// Folders as one file: packed the same, byte for byte, wherever and whenever it is done, and unpacked without leaving the
/// folder they are laid into.
///
/// [dev.muster.edge.archive.Folder] says what belongs to a project's folder, [dev.muster.edge.archive.Tar] packs and unpacks.
@NullMarked
package dev.muster.edge.archive;

import org.jspecify.annotations.NullMarked;
