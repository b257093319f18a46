/// A market of rented machines, after Vast.ai's, in virtual time: what is offered, who holds which GPU, what state each
/// rented instance is in, and what it costs, to the picodollar.
///
/// Pure and deterministic: time comes in by [dev.muster.market.Market#advance], chance from a seed of which every
/// machine and every instance has a stream of its own, so what a client does to one changes nothing at the others but
/// by the GPUs it takes. It stands alone: the JDK only, nothing of the rest of Muster. Whoever drives it (the server
/// behind `muster vastsim`, a simulator) starts and ends real or pretended processes by what
/// [dev.muster.market.Happening] tells.
///
/// To drive it from a simulator: keep one entry in the queue for [dev.muster.market.Market#nextAt], put there again
/// after every call of `advance` and of any order; when it is due, `advance` to it and deal with each
/// [dev.muster.market.Happening]: `Booted` begins a node's processes, `Halted` and `Destroyed` end them as a power cut
/// does. An order is seen at the next `advance`, so call it at once, to the same moment. Faults of the wire (lost
/// answers, 429, stale lists) are the fake wire's business; those of the market are in [dev.muster.market.Faults]. A
/// market is cheap: three hundred machines and no instance make some three hundred events in a virtual hour; churn 0
/// has next to none.
///
/// Start reading at [dev.muster.market.Market], then [dev.muster.market.Happening] and
/// [dev.muster.market.MarketSettings].
package dev.muster.market;
