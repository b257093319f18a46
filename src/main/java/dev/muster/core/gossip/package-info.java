/// Who is there, by word of mouth: SWIM (Das, Gupta, Motivala 2002) with Lifeguard's corrections (Dadgar, Phillips,
/// Currey 2018). A hint for people and planners, never a decision: only a `FenceNode` in the log makes a node gone.
///
/// Owns: what one node believes of the others, whom it asks next, what it passes on. One thread uses a [Gossip]; time and
/// chance come in as arguments, letters go out as values.
/// May use: `core.state`. Start reading at [Gossip].
package dev.muster.core.gossip;
