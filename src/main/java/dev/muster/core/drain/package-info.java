/// A machine that is to go is emptied: what runs there ends, what only it holds is copied, and only then it is let go.
///
/// May use `core.state` and `core.plan`. Start reading at [Drainer].
package dev.muster.core.drain;
