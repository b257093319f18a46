/// Is a node well, and what may be done about it? Pure: from what a node measured of itself to grades and words
/// ([Checks], with all thresholds in [Thresholds]), from all nodes' reports to a picture of the fleet ([Rounds]), from a
/// check to at most one fix ([Fixes]), and from an ordered fix to what the agent does ([FixTurn]) and when it is given up
/// ([Lapses]). How often fixes may be ordered is [dev.muster.core.state.Fix]'s.
///
/// May use `core.state` and `core.plan`. Start reading at [Checks].
package dev.muster.core.check;
