/// Processes that outlive the agent.
///
/// Owns the attempts directory: a journal entry per attempt, its output, its exit status. A shell script (`shim.sh`,
/// the leader of the attempt's session) keeps output and status while no agent runs; an agent that starts finds every
/// process again by pid, start time and boot, and never starts one twice. Linux only: elsewhere
/// [Supervisor#start(ProcessSpec)] refuses.
///
/// May use the JDK, slf4j and Jackson; knows nothing of the rest of Muster. Start reading at [Supervisor], then
/// `shim.sh`.
@NullMarked
package dev.muster.edge.process;

import org.jspecify.annotations.NullMarked;
